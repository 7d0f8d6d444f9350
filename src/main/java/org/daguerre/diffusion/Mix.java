package org.daguerre.diffusion;

import java.util.ArrayList;
import java.util.List;
import org.daguerre.tensor.Ops;
import org.daguerre.tensor.Tensor;

/**
 * A linear combination of tensors that has not been computed yet. Samplers are written with it as in their papers;
 * {@link #eval} then runs the whole update as one {@code combine} in the engine. Coefficients are double. Immutable.
 */
public final class Mix {
    private static final Mix ZERO = new Mix(List.of());

    private record Term(double coefficient, Tensor tensor) {}

    private final List<Term> terms;

    private Mix(List<Term> terms) {
        this.terms = terms;
    }

    public static Mix of(Tensor t) {
        return ZERO.plus(1, t);
    }

    /** The empty sum; it can be added to, not computed. */
    public static Mix zero() {
        return ZERO;
    }

    public Mix times(double factor) {
        return new Mix(terms.stream().map(t -> new Term(t.coefficient * factor, t.tensor)).toList());
    }

    public Mix plus(double factor, Tensor tensor) {
        List<Term> sum = new ArrayList<>(terms);
        for (int i = 0; i < sum.size(); i++) {
            if (sum.get(i).tensor == tensor) {
                sum.set(i, new Term(sum.get(i).coefficient + factor, tensor));
                return new Mix(sum);
            }
        }
        sum.add(new Term(factor, tensor));
        return new Mix(sum);
    }

    public Mix plus(double factor, Mix other) {
        Mix sum = this;
        for (Term t : other.terms) {
            sum = sum.plus(factor * t.coefficient, t.tensor);
        }
        return sum;
    }

    public Mix plus(Mix other) {
        return plus(1, other);
    }

    public Mix minus(Mix other) {
        return plus(-1, other);
    }

    /** Computes the sum into a new tensor of {@code ops}; terms with coefficient 0 are left out. */
    public Tensor eval(Ops ops) {
        List<Term> used = terms.stream().filter(t -> t.coefficient != 0).toList();
        used = used.isEmpty() ? terms.subList(0, 1) : used;
        double[] coefficients = used.stream().mapToDouble(Term::coefficient).toArray();
        return ops.combine(coefficients, used.stream().map(Term::tensor).toArray(Tensor[]::new));
    }
}
