package org.daguerre.unet;

import java.util.Arrays;
import java.util.List;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * What ControlNets add to a U-Net (Zhang et al. 2023, figure 3): the sum of what each of them says, times its scales.
 */
public record ControlResiduals(List<Net> nets) {
    public ControlResiduals {
        nets = List.copyOf(nets);
    }

    /**
     * What one ControlNet says about the first rows of a pass, or about all.
     *
     * @param down   one tensor per skip connection, in the order in which the U-Net pushes them
     * @param middle for the middle block
     * @param scales one per skip connection, then the middle's
     */
    public record Net(Tensor[] down, Tensor middle, double[] scales) {
        /** With the same scale everywhere. */
        public static Net of(Tensor[] down, Tensor middle, double scale) {
            double[] scales = new double[down.length + 1];
            Arrays.fill(scales, scale);
            return new Net(down, middle, scales);
        }

        /**
         * Scales that grow evenly on a logarithmic scale, from a tenth at the first residual to all in the middle: diffusers' guess
         * mode. A1111's factor of 0.825 per residual differs from it by less than 1 % for SD 1.
         */
        public Net softened() {
            double[] soft = scales.clone();
            for (int i = 0; i < soft.length; i++) {
                soft[i] *= Math.pow(10, (double) i / (soft.length - 1) - 1);
            }
            return new Net(down, middle, soft);
        }

        private int rows() {
            return middle.dim(0);
        }

        private Tensor residual(int index) {
            return index < down.length ? down[index] : middle;
        }
    }

    Tensor addDown(Ops ops, int index, Tensor skip) {
        return sum(ops, skip, index);
    }

    Tensor addMiddle(Ops ops, Tensor h) {
        return sum(ops, h, nets.get(0).down.length);
    }

    private Tensor sum(Ops parent, Tensor first, int index) {
        int rows = first.dim(0);
        int covered = nets.stream().mapToInt(Net::rows).min().orElse(rows);
        return covered == rows ? sum(parent, first, index, 0, rows)
            : parent.scoped(ops -> ops.stack(sum(ops, first, index, 0, covered), sum(ops, first, index, covered, rows)));
    }

    /** Of the rows {@code from} to {@code to}, to which those nets add that say something about them. */
    private Tensor sum(Ops ops, Tensor first, int index, int from, int to) {
        List<Net> adding = nets.stream().filter(n -> n.rows() >= to).toList();
        Tensor y = first.rows(from, to);
        for (int done = 0; done < adding.size(); done += 7) { // combine takes at most 8 tensors
            List<Net> some = adding.subList(done, Math.min(done + 7, adding.size()));
            double[] coefficients = new double[some.size() + 1];
            Tensor[] x = new Tensor[some.size() + 1];
            coefficients[0] = 1;
            x[0] = y;
            for (int i = 0; i < some.size(); i++) {
                coefficients[i + 1] = some.get(i).scales[index];
                x[i + 1] = some.get(i).residual(index).rows(from, to);
            }
            y = ops.combine(first.dtype(), coefficients, x);
        }
        return y;
    }
}
