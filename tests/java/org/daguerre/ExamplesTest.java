package org.daguerre;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every piece of Java that the documentation shows compiles: README.md, docs, the example projects, and the code in javadoc. */
class ExamplesTest {
    private static final Pattern FENCED = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern JAVADOC = Pattern.compile("<pre>\\{@code\\n(.*?)\\n *\\* *\\}</pre>", Pattern.DOTALL);
    private static final Pattern IMPORT = Pattern.compile("^import .*;$", Pattern.MULTILINE);
    private static final String USUAL = "import java.nio.file.*;\nimport java.util.*;\nimport org.daguerre.*;\n";
    private static final String PARAMETERS = "Daguerre session";

    @TempDir
    Path classes;

    @TestFactory
    Stream<DynamicTest> compile() throws IOException {
        Map<String, List<String>> examples = new LinkedHashMap<>();
        for (Path page : files(".md", Path.of("README.md"), Path.of("docs"))) {
            Matcher code = FENCED.matcher(Files.readString(page));
            while (code.find()) {
                // pages for contributors also show lines to insert somewhere: only whole files are examples there
                if (page.startsWith("README.md") || code.group(1).startsWith("package ")) {
                    add(examples, page, snippets(USUAL, code.group(1)));
                }
            }
        }
        for (Path source : files(".java", Path.of("src/main/java/org/daguerre"))) {
            String text = Files.readString(source);
            Matcher code = JAVADOC.matcher(text);
            while (code.find()) {
                add(examples, source, snippets(USUAL + imports(text), code.group(1).replaceAll("(?m)^ *\\* ?", "")));
            }
        }
        for (Path source : files(".java", Path.of("docs/examples"))) {
            add(examples, source, List.of(Files.readString(source)));
        }
        assertTrue(examples.size() >= 6, "examples found: " + examples.keySet());
        return examples.entrySet().stream().map(e -> DynamicTest.dynamicTest(e.getKey(), () -> compiles(e.getValue())));
    }

    private static void add(Map<String, List<String>> examples, Path where, List<String> forms) {
        examples.put(where + " " + examples.size(), forms);
    }

    private static List<Path> files(String ending, Path... places) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path place : places) {
            if (Files.exists(place)) {
                try (Stream<Path> all = Files.walk(place)) {
                    all.filter(p -> p.toString().endsWith(ending)).sorted().forEach(found::add);
                }
            }
        }
        return found;
    }

    /** Of a source file: its imports, and its own package. */
    private static String imports(String source) {
        String own = source.lines().filter(l -> l.startsWith("package ")).findFirst().orElseThrow().replace("package ", "import ")
            .replace(";", ".*;\n");
        return own + IMPORT.matcher(source).results().map(r -> r.group() + "\n").collect(Collectors.joining());
    }

    /** A class as it is; statements with their imports in front, and with or without an open session around them. */
    private static List<String> snippets(String imports, String code) {
        if (Pattern.compile("^(public |final )*(class|record|interface|enum) ", Pattern.MULTILINE).matcher(code).find()) {
            return List.of(IMPORT.matcher(code).find() ? code : imports + code);
        }
        String own = IMPORT.matcher(code).results().map(r -> r.group() + "\n").collect(Collectors.joining());
        String statements = IMPORT.matcher(code).replaceAll("");
        return Stream.of("", PARAMETERS).map(p -> imports + own + "class Example {\n void example(" + p + ") throws Exception {\n"
            + statements + "\n}\n}\n").toList();
    }

    /** One of the forms does. */
    private void compiles(List<String> forms) {
        StringWriter errors = new StringWriter();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> options = List.of("-proc:none", "-d", classes.toString(), "-cp", path, "-sourcepath", classes.toString());
        boolean compiled = forms.stream()
            .anyMatch(f -> compiler.getTask(errors, null, null, options, null, List.of(new Text(f))).call());
        assertTrue(compiled, () -> errors + "\n" + forms.get(0));
    }

    private static final class Text extends SimpleJavaFileObject {
        private final String code;

        Text(String code) {
            super(URI.create("string:///" + name(code) + ".java"), JavaFileObject.Kind.SOURCE);
            this.code = code;
        }

        private static String name(String code) {
            Matcher named = Pattern.compile("\\b(?:class|record|interface|enum) (\\w+)").matcher(code);
            return named.find() ? named.group(1) : "Example";
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
        }
    }
}
