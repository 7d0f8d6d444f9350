package org.daguerre.fullsize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.daguerre.Daguerre;
import org.daguerre.Request;
import org.daguerre.Result;
import org.daguerre.image.Image;

/**
 * One picture on the {@code cpu} engine in a process of its own, whose peak of resident memory is then that of this
 * picture alone. The heap is kept small, so that what the process holds is what it needs; the collector is the
 * launcher's.
 */
final class PictureProcess {
    private static final List<String> JVM = List.of("-Xmx512m", "-Xms32m", "-XX:+UseSerialGC");

    /**
     * What the process found out.
     *
     * @param family name of the recognised family
     * @param peak   largest resident memory, bytes
     * @param spread largest minus smallest value of the picture
     */
    record Found(String family, int width, int height, boolean finite, double spread, int steps, long peak) {
    }

    private PictureProcess() {
    }

    /** @param start whether the picture is made from a grey one, in the last of the steps */
    static Found run(Path model, int side, int steps, boolean start) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PictureProcess.class.getName(),
            model.toString(), "" + side, "" + steps, "" + start));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Map<String, String> found = new HashMap<>();
        StringBuilder output = new StringBuilder();
        try (var lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.append(line).append('\n');
                String[] pair = line.split("=", 2);
                found.put(pair[0], pair[pair.length - 1]);
            }
        }
        assertEquals(0, process.waitFor(), output.toString());
        System.out.println(model.getFileName() + " " + side + "x" + side + "\n" + output);
        return new Found(found.get("family"), Integer.parseInt(found.get("width")),
            Integer.parseInt(found.get("height")), Boolean.parseBoolean(found.get("finite")),
            Double.parseDouble(found.get("spread")),
            Integer.parseInt(found.get("steps")), Long.parseLong(found.get("peak")));
    }

    public static void main(String[] arguments) throws IOException {
        int side = Integer.parseInt(arguments[1]);
        int steps = Integer.parseInt(arguments[2]);
        long begin = System.nanoTime();
        try (Daguerre sd = Daguerre.builder().model(Path.of(arguments[0])).device("cpu").open()) {
            print("engine", sd.engine());
            print("family", sd.family());
            print("load seconds", (System.nanoTime() - begin) / 1e9);
            print("memory after load", memory());
            Request.Builder request = Request.builder("a red circle on a table").size(side, side).sampler("euler")
                .steps(steps).seed(1);
            if (Boolean.parseBoolean(arguments[3])) {
                request.image(Image.filled(3, side, side, 0.5f)).strength(1.0 / steps);
            }
            report(sd.generate(request.build()));
            print("memory after picture", memory());
            print("peak", status("VmHWM"));
        }
    }

    private static void report(Result result) {
        Image picture = result.picture().pixels();
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        boolean finite = true;
        for (float value : picture.planes()) {
            finite &= Float.isFinite(value);
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        print("width", picture.width());
        print("height", picture.height());
        print("finite", finite);
        print("spread", (double) (high - low));
        print("steps", result.timings().steps().size());
        print("milliseconds", result.timings());
    }

    private static void print(String name, Object value) {
        System.out.println(name + "=" + (value instanceof Double d ? String.format(Locale.ROOT, "%.2f", d) : value));
    }

    private static String memory() throws IOException {
        return "resident " + (status("VmRSS") >> 20) + " MiB (mapped files " + (status("RssFile") >> 20)
            + " MiB), peak so far " + (status("VmHWM") >> 20) + " MiB";
    }

    /** A line of Linux's account of this process, in bytes. */
    private static long status(String name) throws IOException {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(l -> l.startsWith(name + ":"))
                .mapToLong(l -> Long.parseLong(l.replaceAll("\\D+", ""))).findFirst().orElseThrow() * 1024;
        }
    }
}
