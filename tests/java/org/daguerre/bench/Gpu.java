package org.daguerre.bench;

/**
 * The published numbers of one GPU that bound a kernel's time. Dense f16 products with sums in f32.
 *
 * @param architecture as in ptxas' report
 * @param sms          multiprocessors
 * @param teraflops    peak of the tensor cores, 10^12 per second
 * @param gigabytes    peak of the memory, 10^9 bytes per second
 * @param gigahertz    boost clock: base of the limit on exponentials, 16 per clock and multiprocessor
 * @param threads      most threads of a multiprocessor
 * @param blocks       most blocks of a multiprocessor
 * @param sharedKib    shared memory of a multiprocessor
 */
record Gpu(String name, String architecture, int sms, double teraflops, double gigabytes, double gigahertz, int threads,
    int blocks,
           int sharedKib) {
    /** SXM, 80 GB; NVIDIA A100 datasheet. */
    static final Gpu A100 = new Gpu("A100", "sm_80", 108, 312, 2039, 1.41, 2048, 32, 164);
    /** SXM; NVIDIA H100 datasheet, without sparsity. */
    static final Gpu H100 = new Gpu("H100", "sm_90", 132, 989.4, 3350, 1.83, 2048, 32, 228);
    /** NVIDIA Ada GPU architecture, appendix A. */
    static final Gpu RTX_4090 = new Gpu("4090", "sm_89", 128, 165.2, 1008, 2.52, 1536, 24, 100);

    private static final int REGISTERS = 65536;
    private static final int REGISTER_UNIT = 256;  // per warp
    private static final int WARP_UNIT = 4;        // warps are spread over four schedulers
    private static final int SHARED_UNIT = 128;
    private static final int SHARED_RESERVED = 1024;  // per block, by the system
    private static final int EXPONENTIALS_PER_CLOCK = 16;

    /** Blocks that one multiprocessor holds at a time (CUDA C++ Programming Guide, "Hardware Multithreading"). */
    int blocksPerSm(int blockThreads, int registers, int sharedBytes) {
        int warps = (blockThreads + 31) / 32;
        int perWarp = roundUp(registers * 32, REGISTER_UNIT);
        int byRegisters = REGISTERS / perWarp / WARP_UNIT * WARP_UNIT / warps;
        int byShared = sharedKib * 1024 / (roundUp(sharedBytes, SHARED_UNIT) + SHARED_RESERVED);
        return Math.min(Math.min(blocks, threads / (32 * warps)), Math.min(byRegisters, byShared));
    }

    private static int roundUp(int value, int unit) {
        return (value + unit - 1) / unit * unit;
    }

    double computeMicroseconds(double flops) {
        return flops / teraflops / 1e6;
    }

    double memoryMicroseconds(double bytes) {
        return bytes / gigabytes / 1e3;
    }

    double exponentialMicroseconds(double count) {
        return count / EXPONENTIALS_PER_CLOCK / sms / gigahertz / 1e3;
    }
}
