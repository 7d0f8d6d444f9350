package org.daguerre.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.DType;
import org.daguerre.testing.TestEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Finding and opening engines. */
class EnginesTest {
    static Stream<TestEngine> engines() {
        return TestEngine.all().stream();
    }

    private static Engines.Options precision(DType type) {
        return new Engines.Options(type, 0, 0, "");
    }

    private static Engines.Status status(String name) {
        return Engines.list().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void everyEngineIsListedWithADetail() {
        List<Engines.Status> list = Engines.list();
        assertEquals(List.of("cuda", "cpu", "java", "emulated"), list.stream().map(Engines.Status::name).toList());
        list.forEach(s -> assertFalse(s.detail().isBlank(), s.name()));
        assertTrue(status("java").available());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "gpu", "CUDA", "java:0", "cuda:x", "cuda:-1", "cuda:", "metal"})
    void unknownDevices(String device) {
        String message = assertThrows(IllegalArgumentException.class, () ->
            Engines.open(device, Engines.Options.DEFAULT)).getMessage();
        assertTrue(message.startsWith("device: expected ") && message.contains("found " + device), message);
    }

    @Test
    void cudaWithoutAGpuSaysWhy() {
        Engines.Status cuda = status("cuda");
        if (cuda.available()) {
            try (Backend backend = Engines.open("cuda", Engines.Options.DEFAULT).backend()) {
                assertEquals("cuda", backend.name());
            }
        } else {
            String message = assertThrows(BackendException.class, () ->
                Engines.open("cuda", Engines.Options.DEFAULT)).getMessage();
            assertTrue(message.contains("not part of this build") || message.contains("GPU")
                || message.contains("driver"), message);
            assertEquals(message.lines().findFirst().orElseThrow(), cuda.detail());
        }
    }

    @Test
    void noSuchGpu() {
        if (status("cuda").available()) {
            String message = assertThrows(BackendException.class, () ->
                Engines.open("cuda:99", Engines.Options.DEFAULT)).getMessage();
            assertTrue(message.contains("99"), message);
        }
    }

    /** cuda, then cpu, then java; never the emulator. */
    @Test
    void autoTakesTheFirstAndSaysWhyNotTheOthers() {
        Engines.Choice choice = Engines.open("auto", Engines.Options.DEFAULT);
        try (Backend backend = choice.backend()) {
            String expected = status("cuda").available() ? "cuda" : status("cpu").available() ? "cpu" : "java";
            assertEquals(expected, backend.name());
            assertTrue(choice.reason().startsWith(expected + ": "), choice.reason());
            assertEquals(1, choice.reason().lines().count(), choice.reason());
            assertEquals(!expected.equals("cuda"), choice.reason().contains("no cuda: "), choice.reason());
            assertEquals(expected.equals("java"), choice.reason().contains("no cpu: "), choice.reason());
            assertEquals(count(choice.reason(), '('), count(choice.reason(), ')'), choice.reason());
        }
    }

    private static long count(String text, char c) {
        return text.chars().filter(x -> x == c).count();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void opensAsAsked(TestEngine engine) {
        Engines.Choice choice = Engines.open(engine.engine(), precision(engine.type()));
        try (Backend backend = choice.backend()) {
            assertEquals(engine.engine(), backend.name());
            assertEquals(engine.type(), backend.preferredType());
            assertTrue(backend.supports(engine.type()));
            assertFalse(backend.description().isBlank());
            assertEquals(1, backend.description().lines().count(), backend.description());
            assertEquals(engine.engine() + ": as asked", choice.reason());
            assertEquals(0, backend.statistics().liveBytes());
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void precisionsThatAnEngineDoesNotHave(TestEngine engine) {
        for (DType type : List.of(DType.F32, DType.F16, DType.BF16, DType.I32, DType.F64)) {
            boolean has;
            try (Backend backend = engine.open()) {
                has = backend.supports(type);
            }
            if (has) {
                Engines.open(engine.engine(), precision(type)).backend().close();
            } else {
                String message = assertThrows(IllegalArgumentException.class, () ->
                    Engines.open(engine.engine(), precision(type))).getMessage();
                assertTrue(message.startsWith("precision: ") && message.contains(type.name()), message);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void severalEnginesAtOnce(TestEngine engine) {
        try (Backend a = engine.open(); Backend b = engine.open()) {
            var buffer = a.alloc(64, DType.F32);
            assertEquals(64, a.statistics().liveBytes());
            assertEquals(0, b.statistics().liveBytes());
            assertThrows(BackendException.class, () -> b.free(buffer));
            a.free(buffer);
        }
    }

    /** The java engine takes no options of plug-ins. */
    @Test
    void unknownOptions() {
        for (TestEngine engine : TestEngine.natives()) {
            for (String text : List.of("speed=max", "threads", "memory_limit=-1", "memory_limit=many")) {
                Engines.Options options = new Engines.Options(engine.type(), 1, 0, text);
                String message = assertThrows(BackendException.class, () -> Engines.open(engine.engine(), options),
                    text).getMessage();
                assertTrue(message.contains("expected") && message.contains("found"), message);
            }
        }
    }

    @Test
    void autoFallsBackWhereAPrecisionIsMissing() {
        Engines.Choice choice = Engines.open("auto", precision(DType.F32));
        try (Backend backend = choice.backend()) {
            assertEquals(DType.F32, backend.preferredType());
            assertEquals(status("cpu").available() ? "cpu" : "java", backend.name());
        }
    }
}
