package org.daguerre.testing;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.daguerre.tensor.Backend;
import org.daguerre.tensor.DType;
import org.daguerre.tensor.HostBuffer;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.PackedWeights;
import org.daguerre.tensor.Shape;

/** An engine that takes everything and keeps nothing: models of real size can be loaded into it in a test. */
public final class NoBackend {
    private NoBackend() {
    }

    public static Backend open() {
        return (Backend) Proxy.newProxyInstance(NoBackend.class.getClassLoader(), new Class<?>[] {Backend.class},
            NoBackend::call);
    }

    private static Object call(Object self, Method method, Object[] args) {
        return switch (method.getName()) {
            case "name" -> "none";
            case "preferredType" -> DType.F16;
            case "supports" -> true;
            case "alloc" -> HostBuffer.ofFloats(0);
            case "packConv2d" -> packed(PackedWeights.Kind.CONV2D, (HostTensor) args[1], (Integer) args[3]);
            case "packLinear" -> packed((Boolean) args[3] ? PackedWeights.Kind.GEGLU : PackedWeights.Kind.LINEAR,
                (HostTensor) args[1], 0);
            case "upload", "forget", "free", "close" -> null;
            default -> throw new UnsupportedOperationException(method.getName());
        };
    }

    private static PackedWeights packed(PackedWeights.Kind kind, HostTensor w, int c2) {
        Shape s = w.shape();
        boolean taps = s.rank() == 4;
        return new PackedWeights(kind, DType.F16, s.dim(0), s.dim(1) - c2, c2, taps ? s.dim(2) : 1, taps ? s.dim(3) : 1,
            "nothing");
    }
}
