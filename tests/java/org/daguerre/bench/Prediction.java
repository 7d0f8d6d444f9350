package org.daguerre.bench;

import org.daguerre.backend.PtxasReport;

/**
 * How long one GPU must need for one piece of work at the very least, and why. Nothing here is measured.
 *
 * @param registers    of a thread of the chosen kernel
 * @param blocksPerSm  blocks that a multiprocessor holds at a time
 * @param waves        blocks of the first launch over what the whole GPU holds at a time
 * @param microseconds the largest of the bounds
 * @param limit        the bound that it is
 */
record Prediction(int registers, int blocksPerSm, double waves, double microseconds, Limit limit) {
    /** What bounds the time. */
    enum Limit {
        COMPUTE('c'), MEMORY('m'), FILL('f'), EXPONENTIALS('e');

        private final char letter;

        Limit(char letter) {
            this.letter = letter;
        }

        char letter() {
            return letter;
        }
    }

    static Prediction of(Gpu gpu, Work work, LaunchPlan plan, PtxasReport report) {
        LaunchPlan.Launch launch = plan.launches().get(0);
        PtxasReport.Kernel kernel = work instanceof Work.Attention a ? report.attention(gpu.architecture(), a.d())
            : report.find(gpu.architecture(), plan.instance());
        int perSm = gpu.blocksPerSm(launch.threads(), kernel.registers(), kernel.shared() + launch.shared());
        double waves = (double) launch.blocks() / gpu.sms() / perSm;
        double compute = gpu.computeMicroseconds(work.flops());
        // A multiprocessor with the most blocks is done last: full tiles, as many of them as it gets.
        double busiest = Math.ceil((double) launch.blocks() / gpu.sms());
        double fill = compute * busiest / ((double) launch.blocks() / gpu.sms()) * padding(work, plan);
        // Parts of a split sum are written once and read once.
        double memory = gpu.memoryMicroseconds(work.bytes() + 2.0 * plan.workspace());
        double exponentials = work instanceof Work.Attention a
            ? gpu.exponentialMicroseconds((double) a.n() * a.heads() * a.lq() * a.lk() * (a.causal() ? 0.5 : 1)) : 0;
        return new Prediction(kernel.registers(), perSm, waves, Math.max(Math.max(fill, memory), exponentials),
            limit(compute, fill, memory, exponentials));
    }

    private static Limit limit(double compute, double fill, double memory, double exponentials) {
        if (memory >= fill && memory >= exponentials) {
            return Limit.MEMORY;
        }
        if (exponentials >= fill) {
            return Limit.EXPONENTIALS;
        }
        return fill > 1.1 * compute ? Limit.FILL : Limit.COMPUTE;
    }

    /** Elements of the tiles over elements of the result, for products. */
    private static double padding(Work work, LaunchPlan plan) {
        if (work instanceof Work.Attention) {
            return 1;
        }
        double tile = (double) plan.tile()[0] * plan.tile()[1];
        double tiles = (double) plan.launches().get(0).blocks() / plan.splits(work);
        return tiles * tile / (LaunchPlan.rows(work) * LaunchPlan.columns(work));
    }
}
