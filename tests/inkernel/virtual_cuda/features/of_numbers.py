"""Functions of tensors, and random numbers."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from tests.inkernel.virtual_cuda.features.checking import DEVICE, feature, on_device, raises

FUNCTIONS = (
    lambda z: z.argmax(1),
    lambda z: z.topk(2)[0],
    lambda z: z.sort(0)[0],
    lambda z: z.max(),
    lambda z: z.max(1).values,
    lambda z: z.std(),
    lambda z: z.var(0),
    lambda z: z.cumsum(0),
    lambda z: z.norm(),
    lambda z: torch.cat([z, z]),
    lambda z: torch.stack([z, z], 1),
    lambda z: z.unique(),
    lambda z: z.nonzero(),
    lambda z: torch.where(z > 0, z, 0 * z),
    lambda z: z.clamp(-1, 1),
    lambda z: z.softmax(1),
    lambda z: torch.einsum("ij,kj->ik", z, z),
    lambda z: torch.bmm(z[None], z.T[None]),
    lambda z: z.masked_fill(z > 0, 1.0),
    lambda z: z.gather(1, z.argsort(1)),
    torch.linalg.svdvals,
    lambda z: torch.linalg.solve(z[:4], z[:4, :1]),
    lambda z: z.chunk(2)[1],
    lambda z: z.repeat(2, 1),
    lambda z: z.expand(2, 6, 4),
    lambda z: z.roll(1),
    lambda z: z.flip(0),
    lambda z: torch.bincount((z > 0).long().flatten()),
    torch.histc,
    lambda z: z.median(),
    lambda z: torch.quantile(z, 0.5),
    lambda z: torch.cdist(z, z),
    lambda z: z.isnan().any(),
    lambda z: (z > 0).float().mean(),
    lambda z: F.one_hot((z[:, 0] > 0).long(), 2),
    lambda z: torch.meshgrid(z[:, 0], z[0], indexing="ij")[0],
    lambda z: torch.fft.fft(z).abs(),
    lambda z: z.half().float(),
    lambda z: z.bfloat16().float(),
    lambda z: torch.complex(z, z).conj().abs(),
    lambda z: F.pad(z, (1, 1)),
    lambda z: F.interpolate(z[None, None], scale_factor=2),
    lambda z: F.layer_norm(z, (4,)),
    F.gelu,
    lambda z: F.scaled_dot_product_attention(z[None], z[None], z[None]),
    torch.triu,
    lambda z: z[0].outer(z[1]),
    lambda z: z.index_select(0, torch.tensor([0, 1], device=z.device)),
    lambda z: torch.zeros(6, 4, device=z.device).scatter_(1, z.argsort(1), z),
    lambda z: z.index_add(0, torch.tensor([0], device=z.device), z[:1]),
    lambda z: torch.nn.utils.parameters_to_vector([z, z]),
    lambda z: torch.unique_consecutive(z.round(), dim=0),
)


@feature
def functions() -> None:
    x = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    for place, function in enumerate(FUNCTIONS):
        ours = function(x.cuda())
        assert on_device(ours), place
        assert torch.allclose(ours.cpu(), function(x), atol=1e-5, equal_nan=True), place


@feature
def conjugates_and_negatives_that_are_lazy() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(3, 3, dtype=torch.complex64, generator=generator) for _ in range(2))

    def products(a: torch.Tensor, b: torch.Tensor) -> list[torch.Tensor]:
        return [
            a.mH @ b,
            a.conj() @ b,
            torch.vdot(a[0], b[0]),
            a.conj() * b,
            a.conj().imag @ b.real,
            a.conj().imag,
        ]

    for ours, theirs in zip(products(a.cuda(), b.cuda()), products(a, b), strict=True):
        assert on_device(ours)
        assert torch.allclose(ours.cpu(), theirs)


@feature
def generators_of_the_device() -> None:
    generator = torch.Generator(device="cuda").manual_seed(3)
    first = torch.randn(3, device=DEVICE, generator=generator)
    generator.manual_seed(3)
    assert torch.equal(first, torch.randn(3, device=DEVICE, generator=generator))
    assert str(generator.device) == "cuda:0"
    assert isinstance(generator, torch.Generator)
    assert isinstance(torch.Generator(), torch.Generator)


@feature
def generators_of_the_host_are_refused() -> None:
    words = "Expected a 'cuda' device type for generator but found 'cpu'"
    raises(RuntimeError, words, lambda: torch.randn(3, device=DEVICE, generator=torch.Generator()))


@feature
def seeds() -> None:
    torch.manual_seed(1)
    first = torch.rand(3, device=DEVICE)
    torch.manual_seed(1)
    torch.cuda.manual_seed(0)
    torch.cuda.manual_seed_all(0)
    assert torch.equal(first, torch.rand(3, device=DEVICE))


@feature
def draws_are_the_hosts() -> None:
    torch.manual_seed(1)
    ours = [
        torch.rand(3, device=DEVICE),
        F.dropout(torch.ones(8, device=DEVICE)),
        torch.randperm(5, device=DEVICE),
    ]
    torch.manual_seed(1)
    theirs = [torch.rand(3), F.dropout(torch.ones(8)), torch.randperm(5)]
    assert all(torch.equal(a.cpu(), b) for a, b in zip(ours, theirs, strict=True))


@feature
def states_of_random_numbers() -> None:
    with torch.random.fork_rng():
        torch.rand(2, device=DEVICE)
    state = torch.get_rng_state(), torch.cuda.get_rng_state()
    first = torch.rand(2, device=DEVICE)
    torch.set_rng_state(state[0])
    torch.cuda.set_rng_state(state[1])
    assert torch.equal(first, torch.rand(2, device=DEVICE))
