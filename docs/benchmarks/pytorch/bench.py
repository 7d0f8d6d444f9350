"""Times the same pictures as `daguerre bench --arch sd15|sdxl --random` in PyTorch on the CPU and writes the same JSON keys.

    python bench.py --arch sd15 --size 512x512 --steps 5 --repeat 3 --threads 2 --json pytorch.json

bf16 (or f32), channels last, inference mode, weights random and of the published shapes; --compile uses torch.compile with
freezing. --check compares names and shapes of all parameters with a folder of layout tables. Needs PyTorch only."""
import argparse
import csv
import json
import os
import pathlib
import platform
import resource
import statistics
import time

import torch

from networks import TEXT_ENCODERS, UNETS, TextEncoder, UNet, VaeDecoder


def build(make, dtype):
    """The network with random weights in the given type: near 1/sqrt(inputs), norms the identity, biases zero."""
    with torch.device("meta"):
        network = make()
    network = network.to(dtype).to_empty(device="cpu")
    generator = torch.Generator().manual_seed(1)
    block = torch.randn(1 << 18, generator=generator)
    for p in network.parameters():
        p.requires_grad_(False)
        if p.dim() == 1:
            continue
        flat, scale = p.view(-1), (p.shape[0] / p.numel()) ** 0.5
        for at in range(0, flat.numel(), block.numel()):
            n = min(block.numel(), flat.numel() - at)
            flat[at:at + n] = block[:n] * scale
    for name, p in network.named_parameters():
        if p.dim() == 1:
            p.fill_(1.0 if name.endswith(".weight") else 0.0)
    return network.eval().to(memory_format=torch.channels_last)


def check(network, table):
    """Every parameter must be in the table and the other way round; a decoder is a part of its autoencoder's table."""
    with open(table, newline="") as file:
        wanted = {r["name"]: r["shape"] for r in csv.DictReader(file, delimiter="\t")}
    if isinstance(network, VaeDecoder):
        wanted = {n: s for n, s in wanted.items() if n.startswith(("decoder.", "post_quant_conv."))}
    wanted = {n: s for n, s in wanted.items() if n != "-" and not n.endswith("position_ids")}
    found = {n: "x".join(map(str, p.shape)) for n, p in network.named_parameters()}
    if wanted != found:
        wrong = {n for n in wanted.keys() | found.keys() if wanted.get(n) != found.get(n)}
        raise SystemExit(f"{table}: {len(wrong)} tensors differ, such as {sorted(wrong)[:3]}")
    print(f"{table.name}: {len(found)} tensors, {sum(p.numel() for p in network.parameters())} numbers: as in the layout")


def timed(what):
    start = time.perf_counter()
    result = what()
    return result, 1000 * (time.perf_counter() - start)


def stats(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "runs": len(values)}


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


class Pictures:
    def __init__(self, options, dtype):
        self.options, self.dtype = options, dtype
        width, height = map(int, options.size.split("x"))
        self.latent = (1, 4, height // 8, width // 8)
        sdxl = options.arch == "sdxl"
        encoders = ["text_encoder"] + (["text_encoder_2"] if sdxl else [])
        self.text = [build(lambda name=name: TextEncoder(*TEXT_ENCODERS[name]), dtype) for name in encoders]
        self.unet = build(lambda: UNet(UNETS[options.arch]), dtype)
        self.vae = build(VaeDecoder, dtype)
        if options.check:
            layouts, prefix = pathlib.Path(options.check), "sdxl-base" if sdxl else "sd15"
            for name, network in zip(encoders, self.text):
                check(network, layouts / f"{prefix}-{name}.tsv")
            check(self.unet, layouts / f"{prefix}-unet.tsv")
            check(self.vae, layouts / f"{prefix}-vae.tsv")
        width = UNETS[options.arch]["context"]
        self.context = torch.randn(2, 77, width, dtype=dtype)
        self.added = (torch.randn(2, 1280, dtype=dtype), torch.full((2, 6), 1024.0)) if sdxl else ()
        if options.compile:
            from torch._inductor import config
            config.freezing = True
            self.unet, self.vae = torch.compile(self.unet), torch.compile(self.vae)
            self.text = [torch.compile(t) for t in self.text]

    def encode(self):
        for _ in range(2):  # prompt and negative prompt, one after the other as pipelines do
            for encoder in self.text:
                encoder(torch.randint(0, 49408, (1, 77)))

    def step(self, x, t):
        rows = torch.cat([x, x]).to(self.dtype).to(memory_format=torch.channels_last)
        both = self.unet(rows, torch.full((2,), float(t)), self.context, *self.added).float()
        return x - 0.01 * (both[1:] + 7.5 * (both[:1] - both[1:]))

    def decode(self, x):
        return self.vae((x / 0.18215).to(self.dtype).to(memory_format=torch.channels_last)).float()

    def picture(self):
        _, text = timed(self.encode)
        x, steps = torch.randn(self.latent), []
        for i in range(self.options.steps):
            x, ms = timed(lambda x=x, i=i: self.step(x, 999 - i))
            steps.append(ms)
        _, decode = timed(lambda: self.decode(x))
        return text, steps, decode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", choices=sorted(UNETS), default="sd15")
    parser.add_argument("--size", default="512x512")
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--precision", choices=("bf16", "f32"), default="bf16")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--check", metavar="FOLDER")
    parser.add_argument("--json", metavar="FILE", required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with torch.inference_mode():
        pictures, load = timed(lambda: Pictures(options, {"bf16": torch.bfloat16, "f32": torch.float32}[options.precision]))
        text, steps, decode, total = [], [], [], []
        for i in range(options.warmup + options.repeat):
            (t, s, d), whole = timed(pictures.picture)
            if i >= options.warmup:
                text, steps, decode, total = text + [t], steps + s, decode + [d], total + [whole]
    report = {
        "machine": f"{processor()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}",
        "device": f"cpu: PyTorch {torch.__version__} {'torch.compile, freezing' if options.compile else 'eager'}, channels last",
        "precision": options.precision, "threads": options.threads, "arch": f"{options.arch}, random weights",
        "size": options.size, "steps": options.steps, "batch": 1, "cfg": "on", "text_ms": stats(text), "step_ms": stats(steps),
        "vae_decode_ms": stats(decode), "total_ms": stats(total), "steps_per_second": 1000 / statistics.median(steps),
        "peak_rss_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    pathlib.Path(options.json).write_text(json.dumps(report, indent=2) + "\n")
    print(f"load {load:.0f} ms, step {report['step_ms']['median']:.0f} ms, decoding {report['vae_decode_ms']['median']:.0f} ms, "
          f"text {report['text_ms']['median']:.1f} ms")


if __name__ == "__main__":
    main()
