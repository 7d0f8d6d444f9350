package org.daguerre.image;

/** For each output position of one axis: the first input position it reads, and the weights from there on. */
record Taps(int[] first, double[][] weights) {

    int size() {
        return first.length;
    }

    static Taps of(int in, int out, ResampleFilter filter) {
        int[] first = new int[out];
        double[][] weights = new double[out][];
        double scale = (double) in / out;
        double widen = Math.max(1, scale);
        double support = filter.support * widen;
        for (int i = 0; i < out; i++) {
            double center = (i + 0.5) * scale;
            if (filter == ResampleFilter.NEAREST) {
                first[i] = Math.min(in - 1, (int) center);
                weights[i] = new double[] {1};
                continue;
            }
            first[i] = Math.max(0, (int) (center - support + 0.5));
            int end = Math.min(in, (int) (center + support + 0.5));
            weights[i] = new double[end - first[i]];
            double sum = 0;
            for (int k = 0; k < weights[i].length; k++) {
                weights[i][k] = filter.weight((first[i] + k - center + 0.5) / widen);
                sum += weights[i][k];
            }
            for (int k = 0; k < weights[i].length; k++) {
                weights[i][k] /= sum;
            }
        }
        return new Taps(first, weights);
    }
}
