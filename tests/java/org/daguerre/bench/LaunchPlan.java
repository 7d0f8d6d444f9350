package org.daguerre.bench;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the launchers start for one piece of work, as they say themselves ({@code tests/native/launch_plan.cpp}).
 *
 * @param variant   number in the table of the kernel's header
 * @param instance  the kernel with its template arguments as in ptxas' report; empty for attention
 * @param workspace bytes beside inputs and outputs
 */
record LaunchPlan(int variant, String instance, long workspace, List<Launch> launches) {
    /** @param shared bytes of dynamic shared memory per block */
    record Launch(String name, long blocks, int threads, int shared) {
    }

    /** Parts in which the sum over K is computed; the workspace has one f32 per part and element. */
    int splits(Work work) {
        double padded = (columns(work) + 7) / 8 * 8;
        return workspace == 0 ? 1 : (int) Math.round(workspace / (4 * rows(work) * padded));
    }

    /** Rows and columns of a block's tile of a product. */
    int[] tile() {
        String[] sizes = instance.replaceAll(".*Tile<", "").split(", ");
        return new int[] {Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1])};
    }

    /** Of the product that a convolution or linear layer is. */
    static double rows(Work work) {
        return work instanceof Work.Convolution c ? (double) c.n() * c.oh() * c.ow() : ((Work.Linear) work).rows();
    }

    static int columns(Work work) {
        return work instanceof Work.Convolution c ? c.o() : ((Work.Linear) work).o();
    }

    /** Plans for all of {@code work}, in its order. @param driver the built launch_plan */
    static List<LaunchPlan> of(Path driver, List<Work> work) {
        try {
            Path in = Files.createTempFile("launch_plan", ".txt");
            try {
                Files.write(in, work.stream().map(LaunchPlan::request).toList());
                return ask(driver, in.toFile(), work.size());
            } finally {
                Files.delete(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<LaunchPlan> ask(Path driver, File in, int expected) throws IOException {
        Process p = new ProcessBuilder(driver.toString()).redirectInput(in).redirectErrorStream(true).start();
        List<String> lines = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        List<LaunchPlan> plans = new ArrayList<>();
        if (exitStatus(p) != 0 || lines.size() != expected) {
            throw new IllegalStateException("launch_plan: expected " + expected + " answers, found " + lines);
        }
        lines.forEach(line -> plans.add(parse(line)));
        return plans;
    }

    private static int exitStatus(Process p) {
        try {
            return p.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String request(Work work) {
        if (work instanceof Work.Convolution c) {
            return "conv2d " + join(c.n(), c.h(), c.w(), c.c(), c.c2(), c.uh(), c.uw(), c.oh(), c.ow(), c.o(), c.kh(),
                c.kw(), c.stride(), c.padTop(), c.padLeft());
        }
        if (work instanceof Work.Linear l) {
            return "linear " + join(l.rows(), l.k(), l.o(), l.geglu() ? 1 : 0);
        }
        Work.Attention a = (Work.Attention) work;
        return "attention " + join(a.n(), a.lq(), a.lk(), a.heads(), a.d(), a.causal() ? 1 : 0);
    }

    private static String join(long... numbers) {
        return String.join(" ", Arrays.stream(numbers).mapToObj(Long::toString).toList());
    }

    static LaunchPlan parse(String line) {
        String[] fields = line.split("\t", -1);
        List<Launch> launches = new ArrayList<>();
        for (int i = 3; i < fields.length; i++) {
            String[] f = fields[i].split(" ");
            int n = f.length;
            long blocks = Long.parseLong(f[n - 5]) * Long.parseLong(f[n - 4]) * Long.parseLong(f[n - 3]);
            launches.add(new Launch(String.join(" ", Arrays.copyOf(f, n - 5)), blocks, Integer.parseInt(f[n - 2]),
                Integer.parseInt(f[n - 1])));
        }
        return new LaunchPlan(Integer.parseInt(fields[0]), fields[1], Long.parseLong(fields[2]), launches);
    }
}
