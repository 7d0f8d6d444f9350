package org.daguerre.weights.dialect;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.daguerre.tensor.HostTensor;
import org.daguerre.tensor.Shape;


/** How a tensor of the view is made from tensors of the file. Shapes are known without reading data. */
sealed interface Transform {
    /** Shape of the result. */
    Shape shape(List<Shape> sources);

    /** The result; shares the memory of its source where its elements lie together there. */
    HostTensor apply(String name, List<HostTensor> sources);

    /** The tensor as it is. */
    record Same() implements Transform {
        @Override
        public Shape shape(List<Shape> sources) {
            return sources.get(0);
        }

        @Override
        public HostTensor apply(String name, List<HostTensor> sources) {
            return sources.get(0).withName(name);
        }
    }

    /** The same elements under another shape. */
    record Reshape(Shape target) implements Transform {
        @Override
        public Shape shape(List<Shape> sources) {
            return target;
        }

        @Override
        public HostTensor apply(String name, List<HostTensor> sources) {
            return sources.get(0).reshape(target).withName(name);
        }
    }

    /** Part {@code index} of {@code parts} equal parts along the outermost dimension. */
    record Part(int index, int parts) implements Transform {
        @Override
        public Shape shape(List<Shape> sources) {
            int[] dims = sources.get(0).toArray();
            dims[0] /= parts;
            return Shape.of(dims);
        }

        @Override
        public HostTensor apply(String name, List<HostTensor> sources) {
            HostTensor s = sources.get(0);
            int bytes = s.bytes() / parts;
            return new HostTensor(name, s.dtype(), shape(List.of(s.shape())), s.data().slice(index * bytes, bytes),
                s.mapped());
        }
    }

    /** Rows become columns. */
    record Transpose() implements Transform {
        @Override
        public Shape shape(List<Shape> sources) {
            return Shape.of(sources.get(0).dim(1), sources.get(0).dim(0));
        }

        @Override
        public HostTensor apply(String name, List<HostTensor> sources) {
            HostTensor s = sources.get(0);
            int rows = s.shape().dim(0);
            int columns = s.shape().dim(1);
            int size = s.dtype().bytes();
            ByteBuffer from = s.data();
            ByteBuffer to = ByteBuffer.allocateDirect(s.bytes()).order(ByteOrder.LITTLE_ENDIAN);
            for (int c = 0; c < columns; c++) {
                for (int r = 0; r < rows; r++) {
                    to.put((c * rows + r) * size, from, (r * columns + c) * size, size);
                }
            }
            return new HostTensor(name, s.dtype(), shape(List.of(s.shape())), to);
        }
    }

    /** A vector, negated, as the diagonal of a matrix of zeros, in f32. */
    record NegatedDiagonal() implements Transform {
        @Override
        public Shape shape(List<Shape> sources) {
            return Shape.of(sources.get(0).dim(0), sources.get(0).dim(0));
        }

        @Override
        public HostTensor apply(String name, List<HostTensor> sources) {
            float[] values = sources.get(0).toFloats();
            float[] matrix = new float[Math.multiplyExact(values.length, values.length)];
            for (int i = 0; i < values.length; i++) {
                matrix[i * values.length + i] = -values[i];
            }
            return HostTensor.of(name, Shape.of(values.length, values.length), matrix);
        }
    }

    /** Tensors of equal shape and type joined along the outermost dimension. */
    record Concat() implements Transform {
        @Override
        public Shape shape(List<Shape> sources) {
            int[] dims = sources.get(0).toArray();
            dims[0] = sources.stream().mapToInt(s -> s.dim(0)).sum();
            return Shape.of(dims);
        }

        @Override
        public HostTensor apply(String name, List<HostTensor> sources) {
            int bytes = sources.stream().mapToInt(HostTensor::bytes).reduce(0, Math::addExact);
            ByteBuffer to = ByteBuffer.allocateDirect(bytes);
            sources.forEach(s -> to.put(s.data()));
            Shape shape = shape(sources.stream().map(HostTensor::shape).toList());
            return new HostTensor(name, sources.get(0).dtype(), shape, to.flip());
        }
    }
}
