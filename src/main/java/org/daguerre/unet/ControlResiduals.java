package org.daguerre.unet;

import java.util.List;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * What ControlNets add to a U-Net (Zhang et al. 2023, figure 3): the sum of what each of them says, times its scale.
 */
public record ControlResiduals(List<Net> nets) {
    public ControlResiduals {
        nets = List.copyOf(nets);
    }

    /**
     * What one ControlNet says.
     *
     * @param down   one tensor per skip connection, in the order in which the U-Net pushes them
     * @param middle for the middle block
     */
    public record Net(Tensor[] down, Tensor middle, double scale) {
    }

    Tensor addDown(Ops ops, int index, Tensor skip) {
        return sum(ops, skip, nets.stream().map(n -> n.down[index]).toArray(Tensor[]::new));
    }

    Tensor addMiddle(Ops ops, Tensor h) {
        return sum(ops, h, nets.stream().map(Net::middle).toArray(Tensor[]::new));
    }

    private Tensor sum(Ops ops, Tensor first, Tensor[] terms) {
        Tensor y = first;
        for (int from = 0; from < terms.length; from += 7) { // combine takes at most 8 tensors
            int n = Math.min(7, terms.length - from);
            double[] coefficients = new double[n + 1];
            Tensor[] x = new Tensor[n + 1];
            coefficients[0] = 1;
            x[0] = y;
            for (int i = 0; i < n; i++) {
                coefficients[i + 1] = nets.get(from + i).scale;
                x[i + 1] = terms[from + i];
            }
            y = ops.combine(first.dtype(), coefficients, x);
        }
        return y;
    }
}
