package org.daguerre.weights.torch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.daguerre.weights.CheckpointException;

/**
 * What a pickle may mention and "call". The calls that rebuild containers and tensors are carried out here; any other
 * call only makes an inert {@link PyObject}. Names that have no business in a file of weights are refused when
 * mentioned.
 */
final class PickleRules {
    /** Top-level modules through which a pickle can run code, reach files or the network. */
    private static final Set<String> REFUSED_MODULES = Set.of(
        "os", "posix", "nt", "posixpath", "ntpath", "sys", "subprocess", "runpy", "importlib", "imp", "shutil",
        "socket", "_socket", "socketserver", "ssl", "pty", "commands", "ctypes", "_ctypes", "code", "codeop", "pdb",
        "bdb", "timeit", "trace", "profile", "cProfile", "webbrowser", "pip", "asyncio", "multiprocessing",
        "threading", "_thread", "concurrent", "urllib", "urllib2", "http", "httplib", "requests", "aiohttp", "httpx",
        "ftplib", "smtplib", "telnetlib", "xmlrpc", "pickle", "_pickle", "cPickle", "marshal", "shelve", "dill",
        "cloudpickle", "joblib", "operator", "_operator", "inspect", "gc", "atexit", "signal", "tempfile", "glob",
        "io", "_io", "fileinput", "platform", "resource", "sysconfig", "setuptools", "distutils", "pkgutil",
        "zipimport", "pydoc", "doctest", "venv", "builtin", "ast", "dis", "linecache", "getpass", "winreg", "msvcrt",
        "antigravity", "idlelib", "lib2to3", "test", "sqlite3", "site");
    /** Single names, or the first part of names, in modules that are harmless otherwise. */
    private static final List<String> REFUSED_NAMES = List.of(
        "types.CodeType", "types.FunctionType", "types.MethodType", "functools.partial", "functools.reduce",
        "torch.storage._load", "torch.load", "torch.serialization", "torch.hub", "torch.jit", "torch.package",
        "torch.utils.cpp_extension", "torch._inductor", "torch._dynamo", "torch.distributed",
        "torch.multiprocessing", "torch.fx", "torch.ops", "torch.classes", "torch.utils.data.datapipes",
        "torch.utils._config_module", "torch.utils.bottleneck", "torch.utils.collect_env", "numpy.testing",
        "numpy.f2py", "numpy.distutils", "numpy.load", "numpy.lib.npyio", "logging.config", "pandas.read_pickle",
        "pandas.io", "_codecs.lookup", "codecs.open");
    private static final Set<String> BUILTIN_MODULES = Set.of("builtins", "__builtin__");
    private static final Set<String> SAFE_BUILTINS = Set.of("set", "frozenset", "list", "dict", "tuple", "int", "long",
        "float", "bool", "str", "unicode", "bytes", "bytearray", "complex", "slice", "range", "object");

    private final Path file;

    PickleRules(Path file) {
        this.file = file;
    }

    /** @throws CheckpointException if the name is refused */
    GlobalRef global(String module, String name) {
        String full = module + "." + name;
        boolean builtin = BUILTIN_MODULES.contains(module);
        if (builtin ? !SAFE_BUILTINS.contains(name) : isRefused(module, full)) {
            throw CheckpointException.of(file, "weights", "the name " + full
                + ", which can run code; the file is refused");
        }
        return new GlobalRef(module, name);
    }

    private static boolean isRefused(String module, String full) {
        int dot = module.indexOf('.');
        String top = dot < 0 ? module : module.substring(0, dot);
        boolean internal = full.contains("__") && !top.equals("__main__") && !top.startsWith("copy");
        return module.isEmpty() || internal || REFUSED_MODULES.contains(top) || BUILTIN_MODULES.contains(top)
            || REFUSED_NAMES.stream().anyMatch(full::startsWith);
    }

    /** The value of {@code callable(*arguments)}. */
    Object call(Object callable, List<?> arguments) {
        if (!(callable instanceof GlobalRef ref)) {
            return new PyObject("call of " + describe(callable));
        }
        return switch (ref.toString()) {
            case "collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict",
                "__builtin__.dict" -> dictionary(arguments);
            case "builtins.set", "builtins.frozenset", "builtins.list", "builtins.tuple", "__builtin__.set",
                "__builtin__.frozenset", "__builtin__.list", "__builtin__.tuple", "collections.deque", "torch.Size" ->
                listed(arguments);
            case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2" ->
                new TensorBuilder(file).build(arguments);
            case "torch._utils._rebuild_tensor_v3" -> new TensorBuilder(file).buildTyped(arguments);
            case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
                "torch.nn.parameter.Parameter", "torch.nn.Parameter" ->
                arguments.isEmpty() ? new PyObject(ref.toString()) : arguments.get(0);
            case "copyreg._reconstructor", "copy_reg._reconstructor" ->
                new PyObject(arguments.isEmpty() ? ref.toString() : describe(arguments.get(0)));
            default -> new PyObject(ref.toString());
        };
    }

    private static Map<Object, Object> dictionary(List<?> arguments) {
        Map<Object, Object> map = new LinkedHashMap<>(0);
        if (!arguments.isEmpty() && arguments.get(0) instanceof List<?> pairs) {
            for (Object pair : pairs) {
                if (pair instanceof List<?> p && p.size() == 2) {
                    map.put(key(p.get(0)), p.get(1));
                }
            }
        }
        return map;
    }

    private static List<Object> listed(List<?> arguments) {
        return !arguments.isEmpty() && arguments.get(0) instanceof List<?> items ? new ArrayList<>(items)
            : new ArrayList<>(0);
    }

    /** Containers cannot be keys here: their hash would follow their contents, which may lead back to themselves. */
    static Object key(Object value) {
        return value instanceof List || value instanceof Map ? new PyObject("container as key") : value;
    }

    static String describe(Object value) {
        return value instanceof GlobalRef || value instanceof PyObject ? value.toString()
            : value.getClass().getSimpleName();
    }
}
