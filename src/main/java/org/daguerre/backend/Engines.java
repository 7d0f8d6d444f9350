package org.daguerre.backend;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.daguerre.reference.ReferenceBackend;
import org.daguerre.backend.jni.Kernels;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.BackendException;
import org.daguerre.tensor.DType;

/** Which engines this machine can run, and opening one of them. */
public final class Engines {
    private static final String PLATFORM = "linux-x86_64";
    private static final List<String> NATIVE = List.of("cuda", "cpu", "emulated");

    private Engines() {
    }

    /**
     * How to open an engine.
     *
     * @param precision   type of activations, or null for the engine's own choice
     * @param threads     worker threads of the cpu and emulated engines, 0 for all processors that this process may use
     * @param memoryLimit bytes that the engine may hold, 0 for no limit
     * @param extra       further {@code key=value;} options of the plug-in, such as {@code isa=avx2}; may be empty
     */
    public record Options(DType precision, int threads, long memoryLimit, String extra) {
        public static final Options DEFAULT = new Options(null, 0, 0, "");

        String text() {
            int n = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
            return "threads=" + n + (memoryLimit > 0 ? ";memory_limit=" + memoryLimit : "")
                + (extra.isEmpty() ? "" : ";" + extra);
        }
    }

    /**
     * One engine as {@code daguerre devices} lists it.
     *
     * @param available whether it can be opened here
     * @param detail    its devices, or why it is not available
     */
    public record Status(String name, boolean available, String detail) {
    }

    /** An engine and, in one line, what was taken and why. */
    public record Choice(Backend backend, String reason) {
    }

    /**
     * Every engine in the order in which {@code auto} tries them; the emulator comes last and is never taken by itself.
     */
    public static List<Status> list() {
        List<Status> found = new ArrayList<>();
        for (String name : List.of("cuda", "cpu", "java", "emulated")) {
            found.add(status(name));
        }
        return found;
    }

    private static Status status(String name) {
        if (name.equals("java")) {
            return new Status(name, true, "plain Java, always available");
        }
        try {
            return new Status(name, true, NativeBackend.devices(library(name)));
        } catch (BackendException | UnsatisfiedLinkError | NoClassDefFoundError e) {
            return new Status(name, false, message(e));
        }
    }

    /**
     * Opens an engine.
     *
     * @param device auto, cuda, cuda:N, cpu, emulated or java
     * @throws IllegalArgumentException for another name
     * @throws BackendException         if the engine asked for is not available, with the reason
     */
    public static Choice open(String device, Options options) {
        if (device.equals("auto")) {
            return auto(options);
        }
        String name = device.startsWith("cuda:") ? "cuda" : device;
        if (name.equals("java")) {
            if (options.precision() != null && options.precision() != DType.F32) {
                throw new IllegalArgumentException("precision: expected f32 on the java engine, found "
                    + options.precision());
            }
            return new Choice(new ReferenceBackend(options.memoryLimit() > 0 ? options.memoryLimit() : Long.MAX_VALUE),
                "java: as asked");
        }
        if (!NATIVE.contains(name)) {
            throw new IllegalArgumentException("device: expected auto, cuda, cuda:N, cpu, emulated or java, found "
                + device);
        }
        return new Choice(openNative(name, index(device), options), name + ": as asked");
    }

    private static int index(String device) {
        int colon = device.indexOf(':');
        try {
            return colon < 0 ? 0 : Integer.parseUnsignedInt(device.substring(colon + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("device: expected cuda:N with a number N, found " + device);
        }
    }

    private static Choice auto(Options options) {
        StringBuilder why = new StringBuilder();
        for (String name : List.of("cuda", "cpu")) {
            try {
                Backend b = openNative(name, 0, options);
                return new Choice(b, name + ": " + b.description() + why + (why.length() == 0 ? "" : ")"));
            } catch (BackendException | UnsatisfiedLinkError | NoClassDefFoundError | IllegalArgumentException e) {
                why.append(why.length() == 0 ? " (" : "; ").append("no ").append(name).append(": ").append(message(e));
            }
        }
        Options f32 = new Options(null, options.threads(), options.memoryLimit(), "");
        Backend b = open("java", f32).backend();
        return new Choice(b, "java: " + b.description() + why + ")");
    }

    private static Backend openNative(String name, int device, Options options) {
        NativeBackend b = NativeBackend.open(name, library(name), device, options.text(), options.precision());
        if (!b.supports(b.preferredType())) {
            b.close();
            throw new IllegalArgumentException("precision: the " + name + " engine does not compute in "
                + options.precision());
        }
        return b;
    }

    /** Path of the plug-in, unpacked from the jar if need be. */
    static String library(String name) {
        if (name.equals("cpu")) {
            // Our own library tells OpenMP how to wait. The plug-in needs oneDNN and its OpenMP runtime, which lie in oneDNN's own jar: load
            // them first, by full path.
            Loader.load(Kernels.class);
            for (String needed : List.of("libgomp.so.1", "libdnnl.so.3")) {
                System.load(extract("/org/bytedeco/dnnl/" + PLATFORM + "/" + needed, needed).getPath());
            }
        }
        String file = "libdaguerre_" + name + ".so";
        return extract("/org/daguerre/backend/jni/" + PLATFORM + "/" + file, file).getPath();
    }

    private static File extract(String resource, String what) {
        // Through the loader: a module looks for resources in itself only, and oneDNN's jar lies on the class path.
        URL url = Engines.class.getClassLoader().getResource(resource.substring(1));
        if (url == null) {
            throw new BackendException(what + " is not part of this build");
        }
        try {
            return url.getProtocol().equals("file") ? new File(url.getPath()) : Loader.cacheResource(url);
        } catch (IOException e) {
            throw new BackendException("cannot unpack " + what + ": " + e.getMessage(), e);
        }
    }

    private static String message(Throwable e) {
        return e.getMessage() == null ? e.toString() : e.getMessage().lines().findFirst().orElse(e.toString());
    }
}
