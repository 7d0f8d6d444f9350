package org.daguerre.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.daguerre.backend.jni.Kernels;
import org.daguerre.tensor.Activation;
import org.daguerre.tensor.Columns;
import org.daguerre.tensor.Tensor;
import org.daguerre.testing.Comparison;
import org.daguerre.testing.Comparison.Case;
import org.daguerre.testing.Side;
import org.daguerre.testing.Values;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Convolution: sizes around the tiles, the channel counts of real networks, and each optional part. */
class Conv2dTest {

    /** x [n, h, w, c], kernel k, o outputs; everything else as a convolution that keeps the size. */
    private record Conv(int n, int h, int w, int c, int c2, int o, int k, int stride, int pad, int oh, int ow, int uh,
        int uw) {
        static Conv same(int n, int h, int w, int c, int o, int k) {
            return new Conv(n, h, w, c, 0, o, k, 1, k / 2, h, w, h, w);
        }

        Conv second(int other) {
            return new Conv(n, h, w, c, other, o, k, stride, pad, oh, ow, uh, uw);
        }

        Conv upsampled(int height, int width) {
            return new Conv(n, h, w, c, c2, o, k, 1, pad, height, width, height, width);
        }

        /** Stride 2; symmetric padding, or none above and on the left. */
        Conv halved(boolean symmetric) {
            int extra = symmetric ? 1 : 0;
            return new Conv(n, h, w, c, c2, o, k, 2, symmetric ? k / 2 : 0, (h + extra) / 2, (w + extra) / 2, h, w);
        }

        Tensor run(Side side, Columns emb, Tensor residual, int activation) {
            Tensor x = side.input("x", n, h, w, c);
            Tensor x2 = c2 == 0 ? null : side.input("x2", n, h, w, c2);
            return side.ops().conv2d(x, x2, side.conv2d(o, c, c2, k, true), emb, residual, uh, uw, stride, pad, pad, oh,
                ow, activation);
        }

        Case plain() {
            return plain(Values.NORMAL);
        }

        Case plain(Values values) {
            return Case.of(this + "", values, s -> run(s, null, null, 0));
        }

        @Override
        public String toString() {
            return "[" + n + ", " + h + ", " + w + ", " + c + (c2 > 0 ? "+" + c2 : "") + "] " + k + "x" + k + " -> " + o
                + (uh == h && uw == w ? "" : " up " + uh + "x" + uw)
                + (stride == 1 ? "" : " stride " + stride + " pad " + pad);
        }
    }

    @TestFactory
    Stream<DynamicTest> sizesAroundTiles() {
        List<Case> cases = new ArrayList<>();
        cases.add(Conv.same(1, 1, 1, 1, 1, 1).plain());
        cases.add(Conv.same(1, 1, 1, 1, 1, 3).plain());
        cases.add(Conv.same(1, 1, 1, 8, 8, 3).plain());
        cases.add(Conv.same(3, 5, 7, 11, 13, 3).plain());
        for (int pixels : List.of(15, 16, 17, 31, 33, 63, 64, 65, 127, 129)) {
            cases.add(Conv.same(1, 1, pixels, 16, 24, 3).plain());
        }
        for (int outputs : List.of(7, 9, 15, 17, 31, 33, 63, 65, 127, 129)) {
            cases.add(Conv.same(1, 4, 5, 8, outputs, 3).plain());
        }
        for (int inputs : List.of(7, 8, 9, 15, 17, 24, 31, 33, 40, 63, 65)) {
            cases.add(Conv.same(2, 3, 5, inputs, 16, 1).plain());
            cases.add(Conv.same(1, 3, 5, inputs, 16, 3).plain());
        }
        cases.add(Conv.same(1, 17, 16, 8, 130, 1).plain());
        cases.add(Conv.same(1, 6, 5, 16, 16, 5).plain());
        cases.add(Conv.same(1, 9, 9, 3, 16, 7).plain());
        return Comparison.tests(Kernels.DG_OP_CONV2D, cases);
    }

    /**
     * The ends of the networks (4, 3, 9, 5 channels), 320/640/1280 scaled down by 4, and enough of K for split sums.
     */
    @TestFactory
    Stream<DynamicTest> channelsOfNetworks() {
        List<Case> cases = new ArrayList<>();
        for (int c : List.of(3, 4, 5, 9)) {
            cases.add(Conv.same(2, 8, 8, c, 80, 3).plain());
            cases.add(Conv.same(2, 8, 8, 80, c, 3).plain());
            cases.add(Conv.same(1, 8, 8, c, c, 1).plain());
        }
        cases.add(Conv.same(2, 8, 8, 80, 80, 3).plain());
        cases.add(Conv.same(1, 4, 4, 160, 320, 3).plain());
        cases.add(Conv.same(2, 2, 2, 320, 320, 3).plain());
        cases.add(Conv.same(1, 8, 8, 1280, 64, 1).plain());
        cases.add(Conv.same(1, 4, 4, 1280, 32, 3).plain());
        return Comparison.tests(Kernels.DG_OP_CONV2D, cases);
    }

    @TestFactory
    Stream<DynamicTest> twoSources() {
        List<Case> cases = new ArrayList<>();
        for (int[] split : new int[][] {{8, 8}, {16, 8}, {24, 40}, {1, 1}, {3, 5}, {7, 9}, {8, 3}, {5, 16},
            {160, 80}}) {
            cases.add(Conv.same(2, 5, 6, split[0], 20, 3).second(split[1]).plain());
            cases.add(Conv.same(2, 5, 6, split[0], 20, 1).second(split[1]).plain());
        }
        cases.add(Conv.same(1, 4, 5, 16, 16, 3).second(8).upsampled(8, 10).plain());
        return Comparison.tests(Kernels.DG_OP_CONV2D, cases);
    }

    @TestFactory
    Stream<DynamicTest> upsamplingAndStride() {
        List<Case> cases = new ArrayList<>();
        for (int c : List.of(3, 16)) {
            Conv conv = Conv.same(2, 5, 6, c, 24, 3);
            for (int[] to : new int[][] {{10, 12}, {9, 11}, {11, 13}, {7, 6}, {15, 17}, {5, 12}}) {
                cases.add(conv.upsampled(to[0], to[1]).plain());
            }
            for (int[] size : new int[][] {{6, 8}, {7, 9}, {2, 2}, {3, 2}}) {
                Conv odd = Conv.same(2, size[0], size[1], c, 24, 3);
                cases.add(odd.halved(true).plain());
                cases.add(odd.halved(false).plain());
            }
        }
        cases.add(Conv.same(1, 1, 1, 8, 8, 3).upsampled(2, 2).plain());
        cases.add(Conv.same(1, 1, 1, 8, 8, 3).halved(true).plain());
        cases.add(Conv.same(1, 6, 6, 8, 16, 1).halved(true).plain());
        cases.add(new Conv(1, 9, 8, 8, 0, 16, 3, 1, 0, 7, 6, 9, 8).plain());
        cases.add(new Conv(1, 12, 12, 3, 0, 24, 4, 4, 0, 3, 3, 12, 12).plain());
        return Comparison.tests(Kernels.DG_OP_CONV2D, cases);
    }

    @TestFactory
    Stream<DynamicTest> epilogues() {
        List<Case> cases = new ArrayList<>();
        for (int o : List.of(13, 24)) {
            Conv conv = Conv.same(3, 5, 6, 16, o, 3);
            cases.add(Case.of(conv + " emb shared", s -> conv.run(s, s.input("emb", 1, o).columns(), null, 0)));
            cases.add(Case.of(conv + " emb per row", s -> conv.run(s, s.input("emb", 3, o).columns(), null, 0)));
            for (int from : List.of(1, 8)) {
                cases.add(Case.of(conv + " emb columns from " + from,
                    s -> conv.run(s, s.input("emb", 3, o + 16).columns(from, o), null, 0)));
                cases.add(Case.of(conv + " emb shared columns from " + from,
                    s -> conv.run(s, s.input("emb", 1, o + 16).columns(from, o), null, 0)));
            }
            cases.add(Case.of(conv + " residual", s -> conv.run(s, null, s.input("residual", 3, 5, 6, o), 0)));
            cases.add(Case.of(conv + " without bias",
                s -> s.ops().conv2d(s.input("x", 3, 5, 6, 16), s.conv2d(o, 16, 0, 3, false))));
            for (Activation f : Activation.values()) {
                cases.add(Case.of(conv + " " + f + " then residual",
                    s -> conv.run(s, null, s.input("residual", 3, 5, 6, o), f.code())));
                cases.add(Case.of(conv + " residual, emb, then " + f, s -> conv.run(s, s.input("emb", 3, o).columns(),
                    s.input("residual", 3, 5, 6, o), f.code() | Activation.AFTER_RESIDUAL)));
            }
        }
        Conv split = Conv.same(2, 2, 2, 320, 40, 3);
        cases.add(Case.of(split + " all of it", s ->
            split.run(s, s.input("emb", 2, 40).columns(), s.input("residual", 2, 2, 2, 40),
            Activation.SILU.code() | Activation.AFTER_RESIDUAL)));
        return Comparison.tests(Kernels.DG_OP_CONV2D, cases);
    }

    @TestFactory
    Stream<DynamicTest> values() {
        List<Case> cases = new ArrayList<>();
        for (Values v : List.of(Values.OFFSET, Values.LARGE, Values.SMALL, Values.EQUAL, Values.ZERO)) {
            cases.add(Conv.same(2, 5, 6, 24, 24, 3).plain(v));
            cases.add(Conv.same(2, 5, 6, 3, 24, 3).plain(v));
        }
        return Comparison.tests(Kernels.DG_OP_CONV2D, cases);
    }

    /** The U-Nets' and the VAE's own sizes. */
    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> fullSizes() {
        return Comparison.tests(Kernels.DG_OP_CONV2D, List.of(Conv.same(2, 8, 8, 1280, 1280, 3).plain(),
            Conv.same(1, 16, 16, 1280, 640, 3).second(640).plain(), Conv.same(1, 64, 64, 4, 320, 3).plain(),
            Conv.same(1, 32, 32, 320, 320, 3).halved(true).plain(),
            Conv.same(1, 33, 31, 128, 256, 3).halved(false).plain(),
            Conv.same(1, 16, 16, 512, 512, 3).upsampled(32, 32).plain(), Conv.same(1, 64, 64, 128, 3, 3).plain()));
    }
}
