package org.daguerre;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** docs/adding.md shows the code that is in the tree, and names files and classes that exist. */
class DocumentationTest {
    private static final Path ADDING = Path.of("docs/adding.md");

    private static List<Path> files(String... folders) throws IOException {
        List<Path> all = new ArrayList<>();
        for (String folder : folders) {
            try (Stream<Path> found = Files.walk(Path.of(folder))) {
                found.filter(Files::isRegularFile).forEach(all::add);
            }
        }
        return all;
    }

    private static String squeezed(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    @Test
    void codeIsThatOfTheTree() throws IOException {
        StringBuilder sources = new StringBuilder();
        for (Path p : files("src/main/java")) {
            sources.append(squeezed(Files.readString(p))).append('\n');
        }
        int found = 0;
        for (String block : blocks()) {
            boolean example = block.contains("Ipndm"); // the worked example of a sampler that the tree does not have
            assertTrue(example || sources.indexOf(squeezed(block)) >= 0, "not in the sources:\n" + block);
            found += example ? 0 : 1;
        }
        assertTrue(found >= 3, "blocks found: " + found);
    }

    private static List<String> blocks() throws IOException {
        return Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(ADDING)).results()
            .map(m -> m.group(1)).toList();
    }

    @Test
    void theExampleOfASamplerCompiles(@TempDir Path folder) throws IOException {
        String whole = blocks().stream().filter(b -> b.startsWith("package ")).findFirst().orElseThrow();
        Path file = Files.writeString(folder.resolve("Ipndm.java"), whole);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler().run(null, printed, printed, "-proc:none", "-d", folder.toString(), "-cp",
            System.getProperty("java.class.path"), file.toString());
        assertEquals(0, code, printed.toString(StandardCharsets.UTF_8));
    }

    /** Words in code font that look like a class or a source file. */
    @Test
    void namesExist() throws IOException {
        List<String> names = files("src/main", "tests").stream().map(p -> p.getFileName().toString()).toList();
        List<String> missing = new ArrayList<>();
        Matcher code = Pattern.compile("`([^`\n]+)`").matcher(Files.readString(ADDING).replaceAll("(?s)```.*?```", ""));
        int checked = 0;
        while (code.find()) {
            String word = code.group(1).replaceFirst("\\.[a-z]\\w*$|\\.[A-Z]+$", "");
            String last = code.group(1).substring(code.group(1).lastIndexOf('/') + 1);
            if (last.matches("\\w+\\.(cu|h|cpp|java)")) {
                checked++;
                if (!names.contains(last)) {
                    missing.add(last);
                }
            } else if (word.matches("([a-z]\\w*/)?[A-Z][a-z]\\w+")) {
                checked++;
                if (!names.contains(word.substring(word.lastIndexOf('/') + 1) + ".java")) {
                    missing.add(word);
                }
            }
        }
        assertEquals(List.of("StableDiffusionXL"), missing); // a class of diffusers
        assertTrue(checked > 40, "names checked: " + checked);
    }
}
