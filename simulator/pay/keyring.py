"""The keys of WeChat Pay in force: its public key (微信支付公钥) and platform certificates.

A merchant is in one of three phases, as WeChat Pay documents them:

- `certificate`: the switch to the public key has not begun, or was undone. Certificates sign
  everything, also if a request names the public key.
- `switching`: the request's Wechatpay-Serial chooses the key that signs the answer; without one,
  or with an unknown one, a certificate signs. For notifications WeChat chooses: the public key
  signs 0.1, 1, 5, 10, 20, 50 and 100 % of them on the seven days after the switch began.
- `public_key`: the switch is complete, or the merchant is new: there are no certificates.

A new certificate is issued ten days before the old one expires. Where no request chose a key, the
new certificate signs a growing share in the last five days of the old one.
"""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from simulator.clock import DAY_S
from simulator.errors import PayError, SimError
from simulator.keys import new_private_key, platform_certificate, private_text
from simulator.settings import pem
from simulator.sim import Sim
from simulator.world import PlatformCertificate

PHASES = ("certificate", "switching", "public_key")
SHARES = (0.1, 1, 5, 10, 20, 50, 100)
BOTH_S = 10 * DAY_S
SHIFT_S = 5 * DAY_S


@dataclass(frozen=True)
class SigningKey:
    """A key of WeChat Pay and its serial."""

    serial: str
    key: rsa.RSAPrivateKey


@dataclass(frozen=True)
class Platform(SigningKey):
    """A platform certificate with its key."""

    text: bytes
    begins: float
    ends: float


def phase(sim: Sim) -> str:
    """The merchant's phase: certificate, switching or public_key."""
    return sim.world.key_phase or sim.settings.key_phase


def platforms(sim: Sim) -> list[Platform]:
    """The platform certificates in force, oldest first."""
    if phase(sim) == "public_key":
        return []
    now = sim.clock.now()
    return [one for one in _all(sim) if one.begins <= now < one.ends]


def named(sim: Sim, serial: str) -> SigningKey | None:
    """The key in force with this serial, else None."""
    if serial == sim.settings.public_key_id and phase(sim) != "certificate":
        return _public_key(sim)
    wanted = serial.upper().lstrip("0")
    same = (one for one in platforms(sim) if one.serial.upper().lstrip("0") == wanted)
    return next(same, None)


def for_answer(sim: Sim, serial: str) -> SigningKey:
    """The key that signs the answer to a request with this Wechatpay-Serial ('' for none)."""
    return (named(sim, serial) if serial else None) or _unasked(sim)


def for_notification(sim: Sim, chosen: str) -> tuple[str, SigningKey]:
    """The key that signs a notification: a test's choice, else WeChat's in this phase."""
    by = chosen or _notified_by(sim)
    if by == "certificate" and (found := platforms(sim)):
        return by, _in_turn(sim, found)
    return "public_key", _public_key(sim)


def for_sensitive(sim: Sim, serial: str) -> rsa.RSAPrivateKey:
    """The private key for a sensitive field (敏感字段) that was encrypted for this serial."""
    if not serial:
        raise PayError(
            400, "PARAM_ERROR", "HTTP header缺少微信支付平台证书序列号(Wechatpay-Serial)"
        )
    found = named(sim, serial)
    if found is None:
        raise PayError(400, "PARAM_ERROR", "平台证书序列号Wechatpay-Serial错误")
    return found.key


# --- changes by tests
def enter(sim: Sim, wanted: str) -> None:
    """Put the merchant into a phase; `switching` begins with its first day."""
    if wanted not in PHASES:
        raise SimError(f"phase must be one of {', '.join(PHASES)}")
    if wanted != "public_key" and not _all(sim):
        raise SimError("there is no platform certificate")
    sim.world.key_phase = wanted
    sim.world.notify_by = ""
    sim.world.switch_began_at = sim.clock.now() if wanted == "switching" else 0


def rotate(sim: Sim, old_ends_in_s: float = BOTH_S) -> None:
    """Issue a new platform certificate; the older ones expire in `old_ends_in_s` seconds."""
    now = int(sim.clock.now())
    kept = [_cut(one, now + old_ends_in_s) for one in _all(sim)]
    private = new_private_key()
    serial = f"5DE3{sim.world.next_id():034X}C3"
    kept.append(_issued(serial, private, now - DAY_S, now + 5 * 365 * DAY_S))
    sim.world.platform_certificates = kept


def show(sim: Sim) -> dict[str, Any]:
    """The phase and the keys for `/_sim`."""
    return {
        "phase": phase(sim),
        "notify_public_key_percent": _share(sim),
        "signs": sim.world.platform_signs,
        "certificates": [
            {"serial": one.serial, "begins": one.begins, "ends": one.ends}
            for one in platforms(sim)
        ],
    }


# --- internals
def _unasked(sim: Sim) -> SigningKey:
    found = platforms(sim)
    return _in_turn(sim, found) if found else _public_key(sim)


def _in_turn(sim: Sim, found: list[Platform]) -> Platform:
    """The old certificate, or in its last five days with growing probability the new one."""
    if len(found) == 1 or sim.world.platform_signs == "old":
        return found[0]
    gone = SHIFT_S - (found[0].ends - sim.clock.now())
    is_new = sim.world.platform_signs == "new" or random.random() * SHIFT_S < gone
    return found[-1] if is_new else found[0]


def _notified_by(sim: Sim) -> str:
    if phase(sim) != "switching":
        return phase(sim)
    if sim.world.notify_by or not sim.world.switch_began_at:
        return sim.world.notify_by or sim.settings.notify_by
    return "public_key" if random.random() * 100 < _share(sim) else "certificate"


def _share(sim: Sim) -> float:
    """The percentage of notifications that the public key signs today."""
    if phase(sim) != "switching":
        return 100.0 if phase(sim) == "public_key" else 0.0
    if sim.world.notify_by or not sim.world.switch_began_at:
        by = sim.world.notify_by or sim.settings.notify_by
        return 100.0 if by == "public_key" else 0.0
    day = int((sim.clock.now() - sim.world.switch_began_at) // DAY_S)
    return SHARES[min(max(day, 0), len(SHARES) - 1)]


def _public_key(sim: Sim) -> SigningKey:
    assert sim.keys.wechatpay is not None
    return SigningKey(sim.settings.public_key_id, sim.keys.wechatpay)


def _all(sim: Sim) -> list[Platform]:
    """Every certificate, oldest first: that of the settings, or those that rotations made."""
    if kept := sim.world.platform_certificates:
        return [
            Platform(
                one.serial, _load(one.private_key), one.certificate.encode(), one.begins, one.ends
            )
            for one in kept
        ]
    settings = sim.settings
    if sim.keys.platform is None or not settings.platform_certificate:
        return []
    text = pem(settings.platform_certificate)
    return [Platform(settings.platform_serial, sim.keys.platform, text, *_validity(text))]


def _cut(one: Platform, at: float) -> PlatformCertificate:
    return _issued(one.serial, private_text(one.key), one.begins, min(one.ends, at))


def _issued(serial: str, private_key: str, begins: float, ends: float) -> PlatformCertificate:
    text = platform_certificate(private_key, serial, begins, ends)
    return PlatformCertificate(serial, private_key, text, begins, ends)


@functools.lru_cache(maxsize=32)
def _validity(text: bytes) -> tuple[float, float]:
    certificate = x509.load_pem_x509_certificate(text)
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return begins.timestamp(), ends.timestamp()


@functools.lru_cache(maxsize=32)
def _load(text: str) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(text.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key
