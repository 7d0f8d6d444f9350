package org.daguerre;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Imports point down only; files stay small; every package says what it is. Read from the sources. */
class ArchitectureTest {
    private static final Path SOURCES = Path.of("src/main/java/org/daguerre");
    private static final Pattern IMPORT = Pattern.compile("^import (?:static )?([\\w.]+(?:\\.\\*)?);$");
    /** A full name in the middle of the code is an import too. */
    private static final Pattern QUALIFIED
        = Pattern.compile("(?<![\\w.\"])org\\.daguerre(?:\\.[a-z]\\w*)+(?=\\.[A-Z])");

    /** The parts of the program that are networks, from nn's layers upwards. */
    private static final Set<String> NETWORKS = Set.of("unet", "vae", "text", "control", "depth", "upscale");

    /**
     * What each package (with its subpackages) may import of ours. {@code (root)} is the public interface, org.daguerre
     * itself. {@code cli} and {@code bench} may import everything, and nobody imports {@code cli}.
     */
    private static final Map<String, Set<String>> ALLOWED = Map.ofEntries(
        Map.entry("tensor", Set.of()),
        Map.entry("image", Set.of()),
        Map.entry("reference", Set.of("tensor")),
        Map.entry("weights", Set.of("tensor")),
        Map.entry("backend", Set.of("tensor", "reference")),
        Map.entry("diffusion", Set.of("tensor")),
        Map.entry("nn", Set.of("tensor", "weights", "image")),
        Map.entry("unet", Set.of("tensor", "weights", "nn")),
        Map.entry("vae", Set.of("tensor", "weights", "nn", "image")),
        Map.entry("text", Set.of("tensor", "weights", "nn")),
        Map.entry("control", Set.of("tensor", "weights", "nn", "unet")),
        Map.entry("depth", Set.of("tensor", "weights", "nn", "image")),
        Map.entry("upscale", Set.of("tensor", "weights", "nn", "image")),
        Map.entry("adapter", Set.of("tensor", "weights", "nn", "unet", "text")),
        Map.entry("langchain4j", Set.of("(root)", "image")),
        Map.entry("springai", Set.of("(root)", "image")),
        Map.entry("model", Set.of("tensor", "weights", "nn", "unet", "vae", "text", "control", "adapter",
        "diffusion")));

    private record Source(Path path, List<String> lines) {
        /** Top package below org.daguerre, or (root). */
        String part() {
            Path inside = SOURCES.relativize(path);
            return inside.getNameCount() == 1 ? "(root)" : inside.getName(0).toString();
        }

        Set<String> imports() {
            Set<String> found = new TreeSet<>();
            for (String line : lines) {
                Matcher m = IMPORT.matcher(line);
                if (m.matches()) {
                    found.add(m.group(1));
                } else if (!line.startsWith("package ") && !line.strip().startsWith("*")
                    && !line.strip().startsWith("/")) {
                    QUALIFIED.matcher(line).results().forEach(r -> found.add(r.group() + ".X"));
                }
            }
            return found;
        }

        /** Our parts among the imports. */
        Set<String> parts() {
            Set<String> found = new TreeSet<>();
            for (String name : imports()) {
                if (name.startsWith("org.daguerre.")) {
                    String first = name.substring("org.daguerre.".length()).split("\\.")[0];
                    found.add(Character.isUpperCase(first.charAt(0)) ? "(root)" : first);
                }
            }
            found.remove(part());
            return found;
        }
    }

    private static List<Source> sources(Path folder, String... endings) throws IOException {
        List<Source> found = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path p : paths.filter(Files::isRegularFile).sorted().toList()) {
                if (Stream.of(endings).anyMatch(p.toString()::endsWith)) {
                    found.add(new Source(p, Files.readAllLines(p)));
                }
            }
        }
        assertTrue(found.size() > 5, folder + ": found " + found.size() + " files");
        return found;
    }

    @Test
    void importsPointDown() throws IOException {
        List<String> wrong = new ArrayList<>();
        Set<String> unknown = new TreeSet<>();
        for (Source s : sources(SOURCES, ".java")) {
            String part = s.part();
            Set<String> allowed = ALLOWED.get(part);
            if (allowed == null) {
                if (!Set.of("(root)", "generate", "cli", "bench").contains(part)) {
                    unknown.add(part);
                }
                continue;
            }
            for (String other : s.parts()) {
                if (!allowed.contains(other)) {
                    wrong.add(s.path() + " imports " + other);
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertEquals(Set.of(), unknown, "packages without a place in the layering");
    }

    /**
     * The command line and the benchmark use everything and are used by nothing, but for the command line's use of the
     * benchmark.
     */
    @Test
    void nobodyImportsTheCommandLine() throws IOException {
        for (Source s : sources(SOURCES, ".java")) {
            if (!s.part().equals("cli")) {
                assertTrue(!s.parts().contains("cli") && !s.parts().contains("bench"), s.path() + " imports "
                    + s.parts());
            }
        }
    }

    /** Networks see an engine through Ops only: which one it is, is decided at the top. */
    @Test
    void onlyTheTopNamesAnEngine() throws IOException {
        Set<String> may = Set.of("(root)", "generate", "cli", "bench", "backend");
        for (Source s : sources(SOURCES, ".java")) {
            if (!may.contains(s.part()) && !s.part().equals("reference")) {
                assertTrue(!s.parts().contains("backend") && !s.parts().contains("reference"), s.path() + " imports "
                    + s.parts());
            }
        }
        assertTrue(NETWORKS.stream().noneMatch(n -> ALLOWED.get(n).contains("backend")));
    }

    /** Libraries stay where they are wrapped. */
    @Test
    void librariesStayInTheirPlace() throws IOException {
        Map<String, Set<String>> homes = new HashMap<>();
        homes.put("org.bytedeco.", Set.of("backend", "bench"));
        homes.put("picocli.", Set.of("cli"));
        homes.put("me.tongfei.", Set.of("cli"));
        homes.put("dev.langchain4j.", Set.of("langchain4j"));
        homes.put("org.springframework.", Set.of("springai"));
        homes.put("javax.imageio.", Set.of("image"));
        for (Source s : sources(SOURCES, ".java")) {
            for (String name : s.imports()) {
                homes.forEach((prefix, home) -> assertTrue(!name.startsWith(prefix) || home.contains(s.part()),
                    s.path() + " imports " + name + ", expected in " + home + " only"));
                if (s.part().equals("diffusion")) {
                    assertTrue(Stream.of("java.", "org.daguerre.", "com.fasterxml.jackson.").anyMatch(name::startsWith),
                        s.path() + " imports " + name);
                }
            }
        }
    }

    @Test
    void noWildcardImports() throws IOException {
        for (Path folder : List.of(SOURCES, Path.of("tests/java"))) {
            for (Source s : sources(folder, ".java")) {
                for (String name : s.imports()) {
                    assertTrue(!name.endsWith("*"), s.path() + " imports " + name);
                }
            }
        }
    }

    /** Files of more than 400 lines, each with its reason. */
    private static final Map<String, String> LONG = Map.of(
        "backend/NativeBackend.java", "one method for each function of kernels.h",
        "cpu/plugin.cpp", "one entry for each function of kernels.h",
        "tensor/Ops.java", "one method for each operation",
        "daguerre/Request.java", "one documented value for each thing that a picture can be asked for with");

    @Test
    void filesAreShort() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path folder : List.of(Path.of("src/main"), Path.of("tests/java"), Path.of("tests/native"),
            Path.of("tests/simt"))) {
            for (Source s : sources(folder, ".java", ".cpp", ".h", ".cu", ".cuh")) {
                String name = s.path().toString();
                if (s.lines().size() > 400 && LONG.keySet().stream().noneMatch(name::endsWith)) {
                    wrong.add(name + ": " + s.lines().size() + " lines");
                }
            }
        }
        assertEquals(List.of(), wrong, "at most 400 lines, or a reason in this test");
    }

    @Test
    void everyPackageIsDescribed() throws IOException {
        Set<Path> folders = new TreeSet<>();
        for (Source s : sources(SOURCES, ".java")) {
            folders.add(s.path().getParent());
        }
        for (Path folder : folders) {
            Path info = folder.resolve("package-info.java");
            assertTrue(Files.exists(info), info + " is missing");
            assertTrue(Files.readString(info).contains("/**"), info + " describes nothing");
        }
    }

    /** Every test class is where its subject is; whole models of full size are the subject of all packages. */
    @Test
    void testsMirrorTheSources() throws IOException {
        Set<String> extra = Set.of("testing", "fuzz", "fullsize", "(root)");
        for (Source s : sources(Path.of("tests/java/org/daguerre"), "Test.java")) {
            Path inside = Path.of("tests/java/org/daguerre").relativize(s.path());
            String part = inside.getNameCount() == 1 ? "(root)" : inside.getName(0).toString();
            assertTrue(extra.contains(part) || Files.isDirectory(SOURCES.resolve(part)), s.path() + ": no package "
                + part);
        }
    }
}
