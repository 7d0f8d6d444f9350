package org.daguerre;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import org.bytedeco.javacpp.Loader;
import org.jline.terminal.Terminal;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import picocli.CommandLine;

/** The built classes as a module: what it shows, and that it works as one. */
class ModuleTest {
    private static final String NAME = "org.daguerre";
    private static final List<String> OPTIONAL = List.of("langchain4j", "spring", "org.bytedeco.cuda");
    private static final List<Class<?>> LIBRARIES = List.of(Loader.class, ObjectMapper.class, JsonFactory.class, JsonInclude.class,
        Logger.class, CommandLine.class, ProgressBar.class, Terminal.class);

    @Test
    void showsTheApiOnly() {
        ModuleDescriptor module = ModuleFinder.of(classes()).find(NAME).orElseThrow().descriptor();
        Set<String> exported = module.exports().stream().map(ModuleDescriptor.Exports::source).collect(Collectors.toSet());
        assertTrue(exported.containsAll(Set.of("org.daguerre", "org.daguerre.image", "org.daguerre.langchain4j", "org.daguerre.springai")));
        for (String inner : List.of("backend", "cli", "generate", "nn", "unet", "vae", "reference", "model")) {
            assertTrue(!exported.contains("org.daguerre." + inner), inner + " is exported");
        }
        for (String name : exported) {
            assertTrue(Files.exists(Path.of("src/main/java", name.replace('.', '/'), "package-info.java")), name + " is not described");
        }
    }

    @Test
    void needsNothingOptional() {
        ModuleDescriptor module = ModuleFinder.of(classes()).find(NAME).orElseThrow().descriptor();
        for (ModuleDescriptor.Requires r : module.requires()) {
            boolean optional = OPTIONAL.stream().anyMatch(r.name()::startsWith);
            assertEquals(optional, r.modifiers().contains(ModuleDescriptor.Requires.Modifier.STATIC), r.name());
        }
    }

    /** The module of its own layer, not the class path's copy, opens the built-in model and makes a picture. */
    @Test
    void makesAPictureAsAModule() throws Exception {
        Configuration resolved = ModuleLayer.boot().configuration().resolve(ModuleFinder.of(modulePath()), ModuleFinder.of(), Set.of(NAME));
        ModuleLayer layer = ModuleLayer.boot().defineModulesWithOneLoader(resolved, ClassLoader.getSystemClassLoader());
        ClassLoader loader = layer.findLoader(NAME);
        Class<?> api = loader.loadClass("org.daguerre.Daguerre");
        assertEquals(NAME, api.getModule().getName());
        assertTrue(Modifier.isPublic(api.getModifiers()) && api != Daguerre.class);
        Object builder = api.getMethod("builder").invoke(null);
        builder.getClass().getMethod("device", String.class).invoke(builder, "java");
        try (AutoCloseable session = (AutoCloseable) builder.getClass().getMethod("open").invoke(builder)) {
            Class<?> requests = loader.loadClass("org.daguerre.Request");
            Object request = requests.getMethod("builder", String.class).invoke(null, "a red circle");
            request.getClass().getMethod("size", int.class, int.class).invoke(request, 64, 64);
            request.getClass().getMethod("steps", int.class).invoke(request, 1);
            Object result = api.getMethod("generate", requests).invoke(session, request.getClass().getMethod("build").invoke(request));
            Object picture = result.getClass().getMethod("picture").invoke(result);
            byte[] png = (byte[]) picture.getClass().getMethod("toPng").invoke(picture);
            assertEquals('P', png[1]);
        }
    }

    private static Path[] modulePath() {
        return Stream.concat(Stream.of(Daguerre.class), LIBRARIES.stream()).map(ModuleTest::place).toArray(Path[]::new);
    }

    private static Path classes() {
        return place(Daguerre.class);
    }

    /** The jar or folder that a class was loaded from. */
    private static Path place(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
