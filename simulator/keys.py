"""Makes every demo key in a folder: `python -m simulator.keys DIR`.

The key ids are fixed (see Settings). The keys are new, unless the files exist already.
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from simulator.settings import Settings


@dataclass(frozen=True)
class DemoKeys:
    """The keys of the merchant and of WeChat Pay as PEM texts."""

    merchant_private_key: str
    merchant_public_key: str
    wechatpay_private_key: str
    wechatpay_public_key: str
    platform_private_key: str
    platform_certificate: str

    def for_settings(self) -> dict[str, str]:
        """The keys for the simulator's Settings, which lack the merchant's private key."""
        return {
            "merchant_public_key": self.merchant_public_key,
            "wechatpay_private_key": self.wechatpay_private_key,
            "platform_private_key": self.platform_private_key,
            "platform_certificate": self.platform_certificate,
        }


def make_keys(bits: int = 2048) -> DemoKeys:
    """New keys in memory (密钥)."""
    merchant, wechatpay, platform = (_key(bits) for _ in range(3))
    begins = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    ends = begins + dt.timedelta(days=5 * 365)
    certificate = _certificate(platform, Settings.platform_serial, begins, ends)
    return DemoKeys(
        merchant_private_key=private_text(merchant),
        merchant_public_key=_public(merchant),
        wechatpay_private_key=private_text(wechatpay),
        wechatpay_public_key=_public(wechatpay),
        platform_private_key=private_text(platform),
        platform_certificate=certificate,
    )


def ensure_keys(folder: str | Path) -> DemoKeys:
    """The keys in a folder; made at the first call, so that a restart keeps them."""
    folder = Path(folder)
    names = list(DemoKeys.__dataclass_fields__)
    paths = {name: folder / f"{name}.pem" for name in names}
    if all(path.exists() for path in paths.values()):
        return DemoKeys(**{name: path.read_text() for name, path in paths.items()})
    keys = make_keys()
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in paths.items():
        path.touch(mode=0o600)
        path.write_text(getattr(keys, name))
    return keys


def new_private_key() -> str:
    """A new RSA key of 2048 bits as PEM text."""
    return private_text(_key(2048))


def platform_certificate(private_key: str, serial: str, begins: float, ends: float) -> str:
    """A platform certificate (平台证书) for a key as PEM text; begins, ends: Unix seconds."""
    key = serialization.load_pem_private_key(private_key.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    life = (dt.datetime.fromtimestamp(at, dt.UTC) for at in (begins, ends))
    return _certificate(key, serial, *life)


def _key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def private_text(key: rsa.RSAPrivateKey) -> str:
    """A private key as PEM text."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def _public(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def _certificate(
    key: rsa.RSAPrivateKey, serial_hex: str, begins: dt.datetime, ends: dt.datetime
) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Simulated WeChat Pay platform")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int(serial_hex, 16))
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    certificate = builder.sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def main() -> None:
    """Write the keys into the folder named on the command line."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m simulator.keys DIR")
    ensure_keys(sys.argv[1])
    sys.stdout.write("\n".join(sorted(p.name for p in Path(sys.argv[1]).glob("*.pem"))) + "\n")


if __name__ == "__main__":
    main()
