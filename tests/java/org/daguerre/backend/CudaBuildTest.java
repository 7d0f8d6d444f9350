package org.daguerre.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.BackendException;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The CUDA plug-in as built: it needs no driver to be loaded, and the build does what its caller asked for. */
class CudaBuildTest {
    private static final Path LIBRARY
        = Path.of("target/classes/org/daguerre/backend/jni/linux-x86_64/libdaguerre_cuda.so");

    private static void assumeNvcc() {
        assumeTrue(Files.isDirectory(Path.of("target/native/src/main/cuda/CMakeFiles/daguerre_cuda.dir")),
            "nvcc took no part in this build");
    }

    @Test
    void loadsWithoutDriverAndRuntime() throws IOException {
        assumeNvcc();
        String needed = run(List.of("ldd", LIBRARY.toString()));
        assertTrue(needed.contains("libc.so"), needed);
        assertFalse(needed.contains("libcuda") || needed.contains("not found"), needed);
    }

    @Test
    void saysWhyThereIsNoDevice() {
        assumeNvcc();
        assumeTrue(!Files.exists(Path.of("/dev/nvidiactl")), "this machine has a driver");
        BackendException e = Assertions.assertThrows(BackendException.class,
            () -> Engines.open("cuda", Engines.Options.DEFAULT));
        assertTrue(e.getMessage().contains("driver"), e.getMessage());
        Engines.Choice auto = Engines.open("auto", Engines.Options.DEFAULT);
        try (Backend chosen = auto.backend()) {
            assertTrue(!chosen.name().equals("cuda"), chosen.name());
            assertTrue(auto.reason().contains("no cuda: " + e.getMessage()), auto.reason());
        }
    }

    /**
     * What vendors' tools ask of a build: their architectures, their flags, and a runtime library that can be replaced.
     */
    @Test
    void honoursTheCallersOptions(@TempDir Path folder) throws IOException {
        assumeNvcc();
        String made = configured(folder, "-DCMAKE_CUDA_ARCHITECTURES=90",
            "-DCMAKE_CUDA_FLAGS=-DASKED_FOR=1 --fmad=false",
            "-DCMAKE_CUDA_RUNTIME_LIBRARY=Shared");
        assertTrue(made.contains("arch=compute_90") && !made.contains("compute_80"), "architectures in " + made);
        assertTrue(made.contains("-DASKED_FOR=1 --fmad=false"), "flags in " + made);
        assertTrue(made.contains("-lcudart ") && !made.contains("cudart_static"), "runtime library in " + made);
    }

    @Test
    void compilesForEveryArchitectureByDefault(@TempDir Path folder) throws IOException {
        assumeNvcc();
        String made = configured(folder);
        assertTrue(made.contains("code=[sm_80]") && made.contains("code=[sm_90]"), "architectures in " + made);
        assertTrue(made.contains("code=[compute_"), "no PTX for later GPUs in " + made);
        assertTrue(made.contains("-lcudart_static") && !made.contains("-lcudart "), "runtime library in " + made);
    }

    /** Configures the project and returns the build rules of the plug-in. */
    private static String configured(Path folder, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("cmake", "-S", ".", "-B", folder.toString(), "-G",
            "Unix Makefiles",
            "-DDAGUERRE_NATIVE_TESTS=OFF"));
        command.addAll(Arrays.asList(options));
        run(command);
        StringBuilder rules = new StringBuilder();
        try (Stream<Path> files = Files.list(folder.resolve("src/main/cuda/CMakeFiles/daguerre_cuda.dir"))) {
            for (Path file : files.filter(f -> List.of("flags.make", "link.txt").contains(f.getFileName().toString()))
                .toList()) {
                rules.append(Files.readString(file));
            }
        }
        return rules.toString();
    }

    private static String run(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("CUDAARCHS", "CUDAFLAGS"));
        Process p = builder.start();
        String text = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertEquals(0, p.waitFor(), text);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        return text;
    }
}
