package org.daguerre.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Registers, shared memory and spills of every kernel on every architecture, and that the report notices what is wrong.
 */
class PtxasReportTest {
    private static final Path BUILD = Path.of("target/native");

    /** The plug-in's object folder exists where cmake found nvcc, whatever became of the reports. */
    private static void assumeNvcc() {
        assumeTrue(Files.isDirectory(BUILD.resolve("src/main/cuda/CMakeFiles/daguerre_cuda.dir")),
            "nvcc took no part in this build");
    }

    @Test
    void everyKernelKeepsWithinItsBudget() {
        assumeNvcc();
        PtxasReport report = PtxasReport.of(BUILD, Map.of());
        assertEquals(0, report.status(), report.text());
        assertFalse(report.kernels().isEmpty(), report.text());
        assertTrue(report.kernels().stream().allMatch(k -> k.spill() == 0), report.text());
    }

    @Test
    void everyArchitectureHasEveryKernel() {
        assumeNvcc();
        Map<String, Set<String>> kernels = PtxasReport.of(BUILD,
            Map.of()).kernels().stream().collect(Collectors.groupingBy(
            PtxasReport.Kernel::architecture, Collectors.mapping(k -> k.file() + k.name(), Collectors.toSet())));
        assertFalse(kernels.isEmpty());
        Set<String> first = kernels.values().iterator().next();
        kernels.forEach((architecture, names) -> assertEquals(first, names, architecture));
        for (String name : List.of("conv2d_kernel", "linear_kernel", "flash_kernel", "wide_kernel", "fused_kernel")) {
            assertTrue(first.stream().anyMatch(k -> k.contains(name)), "expected " + name + " in " + first);
        }
    }

    @Test
    void cleanReportPasses(@TempDir Path folder) throws IOException {
        PtxasReport report = planted(folder, 64, 0, 1024);
        assertEquals(0, report.status(), report.text());
        assertEquals(List.of(new PtxasReport.Kernel("sm_80", 64, 1024, 0, 0, "scale", "scale_kernel<__half, 3>")),
            report.kernels());
    }

    @Test
    void spillFails(@TempDir Path folder) throws IOException {
        assertFails("spills 8 bytes", planted(folder, 64, 8, 0));
    }

    @Test
    void registersOverBudgetFail(@TempDir Path folder) throws IOException {
        assertFails("65 registers, budget 64", planted(folder, 65, 0, 0));
    }

    @Test
    void moreSharedMemoryThanTheSmallestArchitectureHasFails(@TempDir Path folder) throws IOException {
        assertFails("101377 bytes of shared memory", planted(folder, 64, 0, 101377));
    }

    @Test
    void kernelWithoutBudgetAndBudgetWithoutKernelFail(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("scale.cu"), "// BUDGET scalar_kernel 64\n");
        log(folder, 64, 0, 0);
        PtxasReport report = run(folder);
        assertFails("no budget", report);
        assertFails("budget of scalar_kernel: there is no such kernel", report);
    }

    @Test
    void sourceWithoutReportFails(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("other.cu"), "// no kernel\n");
        assertFails("no report for other.cu", planted(folder, 64, 0, 0));
    }

    @Test
    void buildWithoutNvccIsSaidToBeOne(@TempDir Path folder) {
        PtxasReport report = run(folder);
        assertEquals(2, report.status(), report.text());
        assertTrue(report.text().contains("the CUDA plug-in was not built"), report.text());
    }

    private static void assertFails(String reason, PtxasReport report) {
        assertEquals(1, report.status(), report.text());
        assertTrue(report.text().contains("FAILED") && report.text().contains(reason), report.text());
    }

    private static PtxasReport planted(Path folder, int registers, int spill, int shared) throws IOException {
        Files.writeString(folder.resolve("scale.cu"), "// scale.cu\n// BUDGET    scale_kernel 64\n");
        log(folder, registers, spill, shared);
        return run(folder);
    }

    private static void log(Path folder, int registers, int spill, int shared) throws IOException {
        String kernel = "void dg::(anonymous namespace)::scale_kernel<__half, 3>(dg::Args<__half>, void (*)(int))";
        Files.writeString(folder.resolve("scale.cu.o.ptxas"), "ptxas info    : 0 bytes gmem\n"
            + "ptxas info    : Compiling entry function '" + kernel + "' for 'sm_80'\n"
            + "ptxas info    : Function properties for " + kernel + "\n"
            + "    0 bytes stack frame, " + spill + " bytes spill stores, 0 bytes spill loads\n"
            + "ptxas info    : Used " + registers + " registers, used 1 barriers, " + shared
            + " bytes smem, 536 bytes cmem[0]\n");
    }

    private static PtxasReport run(Path folder) {
        return PtxasReport.of(folder, Map.of("SOURCES", folder.toString()));
    }
}
