"""Platform certificates (平台证书), for merchants that do not use the public key yet."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from cryptography import x509

from simulator import pay_gate
from simulator.clock import rfc3339
from simulator.crypto import gcm_seal
from simulator.errors import PayError
from simulator.pay_gate import PayCall
from simulator.settings import pem
from simulator.sim import Sim
from simulator.world import random_id


def setup(app: web.Application, sim: Sim) -> None:
    """Route of the certificates."""
    pay_gate.add_routes(app, sim, [("GET", "/v3/certificates", certificates)])


async def certificates(call: PayCall) -> dict[str, Any]:
    """The platform certificate, sealed with the APIv3 key."""
    settings = call.sim.settings
    if not settings.platform_certificate:
        raise PayError(404, "RESOURCE_NOT_EXISTS", "无可用的平台证书，请使用微信支付公钥")
    text = pem(settings.platform_certificate)
    certificate = x509.load_pem_x509_certificate(text)
    nonce = random_id(12)
    return {
        "data": [
            {
                "serial_no": settings.platform_serial,
                "effective_time": rfc3339(certificate.not_valid_before_utc.timestamp()),
                "expire_time": rfc3339(certificate.not_valid_after_utc.timestamp()),
                "encrypt_certificate": {
                    "algorithm": "AEAD_AES_256_GCM",
                    "nonce": nonce,
                    "associated_data": "certificate",
                    "ciphertext": gcm_seal(settings.apiv3_key, nonce, "certificate", text),
                },
            }
        ]
    }
