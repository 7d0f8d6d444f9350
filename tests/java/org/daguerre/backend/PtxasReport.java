package org.daguerre.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code tests/native/ptxas_report.sh} printed.
 *
 * @param status 0: all well, 1: a check failed, 2: the CUDA plug-in was not built
 */
public record PtxasReport(int status, String text, List<Kernel> kernels) {
    private static final Pattern ROW = Pattern.compile("(sm_\\d+a?) +(\\d+) +(\\d+) +(\\d+) +(\\d+)  (\\w+): (.+)");

    /**
     * One instance of a kernel on one architecture.
     *
     * @param shared bytes of static shared memory
     * @param stack  bytes per thread; {@code spill} bytes stored and loaded
     * @param file   name of the source without its ending
     * @param name   with template arguments
     */
    public record Kernel(String architecture, int registers, int shared, int stack, int spill, String file,
        String name) {
    }

    /** Runs the script on a build folder. @param environment more variables, as the script documents them */
    public static PtxasReport of(Path build, Map<String, String> environment) {
        try {
            ProcessBuilder script = new ProcessBuilder("bash", "tests/native/ptxas_report.sh",
                build.toString()).redirectErrorStream(true);
            script.environment().putAll(environment);
            Process p = script.start();
            String text = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new PtxasReport(p.waitFor(), text, parse(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static List<Kernel> parse(String text) {
        List<Kernel> kernels = new ArrayList<>();
        for (String line : text.lines().toList()) {
            Matcher m = ROW.matcher(line);
            if (m.matches()) {
                kernels.add(new Kernel(m.group(1), number(m, 2), number(m, 3), number(m, 4), number(m, 5), m.group(6),
                    m.group(7)));
            }
        }
        return kernels;
    }

    private static int number(Matcher m, int group) {
        return Integer.parseInt(m.group(group));
    }

    /** @throws IllegalStateException if the build has no such kernel */
    public Kernel find(String architecture, String name) {
        return kernels.stream().filter(k -> k.architecture().equals(architecture) && k.name().equals(name)).findFirst()
            .orElseThrow(() -> new IllegalStateException("ptxas' report: expected " + name + " for " + architecture
            + ", found none"));
    }

    /** The instance of the attention kernels that serves heads of size {@code d}: the narrowest that is wide enough. */
    public Kernel attention(String architecture, int d) {
        Pattern plan = Pattern.compile("flash_kernel<Plan<(\\d+), .*>, __half>");
        Kernel best = null;
        int width = Integer.MAX_VALUE;
        for (Kernel k : kernels) {
            Matcher m = plan.matcher(k.name());
            if (k.architecture().equals(architecture) && m.matches() && number(m, 1) >= d && number(m, 1) < width) {
                best = k;
                width = number(m, 1);
            }
        }
        return best != null ? best : find(architecture, "wide_kernel<__half>");
    }
}
