"""The networks of Stable Diffusion in plain PyTorch, for comparison only: the same operations in the same order as the usual
pipelines run them, with the parameter names of the diffusers and transformers layouts. Images are [N, C, H, W] in channels-last
memory. Sources: Rombach et al. 2022 (U-Net, autoencoder), Podell et al. 2023 (SDXL), Radford et al. 2021 (text encoder)."""
import math

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    """Scaled dot product attention with its four projections."""

    def __init__(self, channels, context, heads, bias=False, norm=False):
        super().__init__()
        self.heads = heads
        if norm:
            self.group_norm = nn.GroupNorm(32, channels, eps=1e-6)
        self.to_q = nn.Linear(channels, channels, bias=bias)
        self.to_k = nn.Linear(context, channels, bias=bias)
        self.to_v = nn.Linear(context, channels, bias=bias)
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x, context=None):  # [N, L, C], [N, K, context]
        context = x if context is None else context
        q, k, v = (y.view(y.shape[0], y.shape[1], self.heads, -1).transpose(1, 2)
                   for y in (self.to_q(x), self.to_k(context), self.to_v(context)))
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(x.shape)
        return self.to_out[0](y)


class FeedForward(nn.Module):
    class Gated(nn.Module):
        def __init__(self, channels):
            super().__init__()
            self.proj = nn.Linear(channels, 8 * channels)

        def forward(self, x):
            value, gate = self.proj(x).chunk(2, dim=-1)
            return value * F.gelu(gate)

    def __init__(self, channels):
        super().__init__()
        self.net = nn.ModuleList([self.Gated(channels), nn.Identity(), nn.Linear(4 * channels, channels)])

    def forward(self, x):
        return self.net[2](self.net[0](x))


class TransformerBlock(nn.Module):
    def __init__(self, channels, context, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attn1 = Attention(channels, channels, heads)
        self.norm2 = nn.LayerNorm(channels)
        self.attn2 = Attention(channels, context, heads)
        self.norm3 = nn.LayerNorm(channels)
        self.ff = FeedForward(channels)

    def forward(self, x, context):
        x = x + self.attn1(self.norm1(x))
        x = x + self.attn2(self.norm2(x), context)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    def __init__(self, channels, context, heads, depth, linear):
        super().__init__()
        self.linear = linear
        self.norm = nn.GroupNorm(32, channels, eps=1e-6)
        self.proj_in = nn.Linear(channels, channels) if linear else nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(channels, context, heads) for _ in range(depth)])
        self.proj_out = nn.Linear(channels, channels) if linear else nn.Conv2d(channels, channels, 1)

    def forward(self, x, context):
        n, c, h, w = x.shape
        y = self.norm(x)
        if not self.linear:
            y = self.proj_in(y)
        y = y.permute(0, 2, 3, 1).reshape(n, h * w, c)
        if self.linear:
            y = self.proj_in(y)
        for block in self.transformer_blocks:
            y = block(y, context)
        if self.linear:
            y = self.proj_out(y)
        y = y.reshape(n, h, w, c).permute(0, 3, 1, 2)
        if not self.linear:
            y = self.proj_out(y)
        return y + x


class ResBlock(nn.Module):
    def __init__(self, channels, out, time, eps):
        super().__init__()
        self.norm1 = nn.GroupNorm(32, channels, eps=eps)
        self.conv1 = nn.Conv2d(channels, out, 3, padding=1)
        if time:
            self.time_emb_proj = nn.Linear(time, out)
        self.norm2 = nn.GroupNorm(32, out, eps=eps)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(channels, out, 1) if channels != out else None

    def forward(self, x, time=None):
        y = self.conv1(F.silu(self.norm1(x)))
        if time is not None:
            y = y + self.time_emb_proj(F.silu(time))[:, :, None, None]
        y = self.conv2(F.silu(self.norm2(y)))
        return (x if self.conv_shortcut is None else self.conv_shortcut(x)) + y


class Resample(nn.Module):
    """Half or twice the size."""

    def __init__(self, channels, up):
        super().__init__()
        self.up = up
        self.conv = nn.Conv2d(channels, channels, 3, stride=1 if up else 2, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest") if self.up else x)


class TwoLinears(nn.Module):
    def __init__(self, channels, out):
        super().__init__()
        self.linear_1 = nn.Linear(channels, out)
        self.linear_2 = nn.Linear(out, out)

    def forward(self, x):
        return self.linear_2(F.silu(self.linear_1(x)))


def sinusoid(t, dim):  # [N] -> [N, dim], cosines first
    f = torch.exp(-math.log(10000) * torch.arange(dim // 2, dtype=torch.float32) / (dim // 2))
    angles = t.float()[:, None] * f[None, :]
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


class UNet(nn.Module):
    """config: channels, depth (transformer blocks of each level, 0 without), heads, context, linear, added (width of the vector of
    pooled text and sizes, 0 without)."""

    def __init__(self, config):
        super().__init__()
        channels, depth, heads = config["channels"], config["depth"], config["heads"]
        context, linear = config["context"], config["linear"]
        time = 4 * channels[0]
        self.first = channels[0]
        self.time_embedding = TwoLinears(channels[0], time)
        if config["added"]:
            self.add_embedding = TwoLinears(config["added"], time)
        self.conv_in = nn.Conv2d(4, channels[0], 3, padding=1)

        def level(sources, out, k, resample):
            block = nn.Module()
            block.resnets = nn.ModuleList([ResBlock(c, out, time, 1e-5) for c in sources])
            if depth[k]:
                block.attentions = nn.ModuleList(
                    [SpatialTransformer(out, context, heads[k], depth[k], linear) for _ in sources])
            if resample:
                setattr(block, resample, nn.ModuleList([Resample(out, resample == "upsamplers")]))
            return block

        last = len(channels) - 1
        skips, c = [channels[0]], channels[0]
        self.down_blocks = nn.ModuleList()
        for k, out in enumerate(channels):
            self.down_blocks.append(level([c, out], out, k, "downsamplers" if k < last else None))
            skips += [out] * (3 if k < last else 2)
            c = out
        self.mid_block = nn.Module()
        self.mid_block.resnets = nn.ModuleList([ResBlock(c, c, time, 1e-5) for _ in range(2)])
        self.mid_block.attentions = nn.ModuleList([SpatialTransformer(c, context, heads[-1], max(depth[-1], 1), linear)])
        self.up_blocks = nn.ModuleList()
        for k in range(last, -1, -1):
            out, sources = channels[k], []
            for _ in range(3):
                sources.append(c + skips.pop())
                c = out
            self.up_blocks.append(level(sources, out, k, "upsamplers" if k else None))
        self.conv_norm_out = nn.GroupNorm(32, c, eps=1e-5)
        self.conv_out = nn.Conv2d(c, 4, 3, padding=1)

    def forward(self, x, t, context, pooled=None, sizes=None):
        time = self.time_embedding(sinusoid(t, self.first).to(x.dtype))
        if pooled is not None:
            ids = sinusoid(sizes.flatten(), 256).reshape(sizes.shape[0], -1)
            time = time + self.add_embedding(torch.cat([pooled, ids.to(x.dtype)], dim=-1))
        h = self.conv_in(x)
        skips = [h]
        for block in self.down_blocks:
            for i, resnet in enumerate(block.resnets):
                h = resnet(h, time)
                if hasattr(block, "attentions"):
                    h = block.attentions[i](h, context)
                skips.append(h)
            if hasattr(block, "downsamplers"):
                h = block.downsamplers[0](h)
                skips.append(h)
        h = self.mid_block.resnets[0](h, time)
        h = self.mid_block.attentions[0](h, context)
        h = self.mid_block.resnets[1](h, time)
        for block in self.up_blocks:
            for i, resnet in enumerate(block.resnets):
                h = resnet(torch.cat([h, skips.pop()], dim=1), time)
                if hasattr(block, "attentions"):
                    h = block.attentions[i](h, context)
            if hasattr(block, "upsamplers"):
                h = block.upsamplers[0](h)
        return self.conv_out(F.silu(self.conv_norm_out(h)))


class VaeDecoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.post_quant_conv = nn.Conv2d(4, 4, 1)
        d = self.decoder = nn.Module()
        d.conv_in = nn.Conv2d(4, 512, 3, padding=1)
        d.mid_block = nn.Module()
        d.mid_block.resnets = nn.ModuleList([ResBlock(512, 512, 0, 1e-6) for _ in range(2)])
        d.mid_block.attentions = nn.ModuleList([Attention(512, 512, 1, bias=True, norm=True)])
        d.up_blocks = nn.ModuleList()
        c = 512
        for k, out in enumerate((512, 512, 256, 128)):
            block = nn.Module()
            block.resnets = nn.ModuleList([ResBlock(c if i == 0 else out, out, 0, 1e-6) for i in range(3)])
            if k < 3:
                block.upsamplers = nn.ModuleList([Resample(out, True)])
            d.up_blocks.append(block)
            c = out
        d.conv_norm_out = nn.GroupNorm(32, c, eps=1e-6)
        d.conv_out = nn.Conv2d(c, 3, 3, padding=1)

    def forward(self, z):
        d = self.decoder
        h = d.mid_block.resnets[0](d.conv_in(self.post_quant_conv(z)))
        n, c, height, width = h.shape
        a = d.mid_block.attentions[0]
        y = a(a.group_norm(h).permute(0, 2, 3, 1).reshape(n, height * width, c))
        h = h + y.reshape(n, height, width, c).permute(0, 3, 1, 2)
        h = d.mid_block.resnets[1](h)
        for block in d.up_blocks:
            for resnet in block.resnets:
                h = resnet(h)
            if hasattr(block, "upsamplers"):
                h = block.upsamplers[0](h)
        return d.conv_out(F.silu(d.conv_norm_out(h)))


class TextLayer(nn.Module):
    def __init__(self, width, heads, activation):
        super().__init__()
        self.heads, self.activation = heads, activation
        self.self_attn = nn.Module()
        for name in ("k_proj", "v_proj", "q_proj", "out_proj"):
            setattr(self.self_attn, name, nn.Linear(width, width))
        self.layer_norm1 = nn.LayerNorm(width)
        self.mlp = nn.Module()
        self.mlp.fc1 = nn.Linear(width, 4 * width)
        self.mlp.fc2 = nn.Linear(4 * width, width)
        self.layer_norm2 = nn.LayerNorm(width)

    def forward(self, x):
        y, a = self.layer_norm1(x), self.self_attn
        q, k, v = (p(y).view(y.shape[0], y.shape[1], self.heads, -1).transpose(1, 2) for p in (a.q_proj, a.k_proj, a.v_proj))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(x.shape)
        x = x + a.out_proj(y)
        y = self.mlp.fc1(self.layer_norm2(x))
        y = y * torch.sigmoid(1.702 * y) if self.activation == "quick_gelu" else F.gelu(y)
        return x + self.mlp.fc2(y)


class TextEncoder(nn.Module):
    def __init__(self, width, heads, layers, activation, projection):
        super().__init__()
        t = self.text_model = nn.Module()
        t.embeddings = nn.Module()
        t.embeddings.token_embedding = nn.Embedding(49408, width)
        t.embeddings.position_embedding = nn.Embedding(77, width)
        t.encoder = nn.Module()
        t.encoder.layers = nn.ModuleList([TextLayer(width, heads, activation) for _ in range(layers)])
        t.final_layer_norm = nn.LayerNorm(width)
        self.text_projection = nn.Linear(width, width, bias=False) if projection else None

    def forward(self, ids):  # [N, 77]
        t = self.text_model
        x = t.embeddings.token_embedding(ids) + t.embeddings.position_embedding.weight[None]
        for layer in t.encoder.layers:
            x = layer(x)
        x = t.final_layer_norm(x)
        return x if self.text_projection is None else self.text_projection(x[:, -1])


UNETS = {
    "sd15": {"channels": (320, 640, 1280, 1280), "depth": (1, 1, 1, 0), "heads": (8, 8, 8, 8), "context": 768, "linear": False,
             "added": 0},
    "sdxl": {"channels": (320, 640, 1280), "depth": (0, 2, 10), "heads": (5, 10, 20), "context": 2048, "linear": True,
             "added": 2816},
}
TEXT_ENCODERS = {
    "text_encoder": (768, 12, 12, "quick_gelu", False),
    "text_encoder_2": (1280, 20, 32, "gelu", True),
}
