package org.daguerre.bench;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.Tensor;

/** Stands in front of an engine and times every operation by itself: waits for the engine before and after. */
final class Profiler implements InvocationHandler {
    /** What is not an operation. */
    private static final Set<String> OTHER = Set.of("name", "description", "preferredType", "supports", "alloc",
        "free", "forget",
        "synchronize", "statistics", "canRecord", "record", "packConv2d", "packLinear", "close", "toString",
        "hashCode", "equals");

    private final Backend engine;
    private final OperationTimes times = new OperationTimes();

    private Profiler(Backend engine) {
        this.engine = engine;
    }

    static Profiler of(Backend engine) {
        return new Profiler(engine);
    }

    /** The engine to give to the model. It does not record, so every operation of every step is seen. */
    Backend backend() {
        return (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, this);
    }

    OperationTimes times() {
        return times;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("canRecord")) {
            return false;
        }
        if (OTHER.contains(method.getName())) {
            return call(method, arguments);
        }
        engine.synchronize();
        long start = System.nanoTime();
        Object result = call(method, arguments);
        engine.synchronize();
        double ms = (System.nanoTime() - start) / 1e6;
        Optional<Work> work = WorkRecorder.work(method.getName(), arguments);
        times.add(new OperationTimes.Row(work.map(Work::operation).orElseGet(() -> snakeCase(method.getName())),
            work.map(Work::label).orElseGet(() -> shape(arguments)), 1, ms, work.map(Work::flops).orElse(0.0),
            work.map(Work::bytes).orElseGet(() -> WorkRecorder.traffic(arguments))));
        return result;
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(engine, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Names as in {@code kernels.h}. */
    private static String snakeCase(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    /** That of the first tensor, which is the result but for downloads. */
    private static String shape(Object[] arguments) {
        for (Object a : arguments) {
            if (a instanceof Tensor t) {
                return t.shape().toString();
            }
            if (a instanceof Columns c) {
                return c.tensor().shape().toString();
            }
        }
        return "";
    }
}
