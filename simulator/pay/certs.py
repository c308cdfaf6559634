"""平台证书: download of platform certificates, for merchants without WeChat Pay's public key."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.clock import rfc3339
from simulator.crypto import gcm_seal
from simulator.errors import PayError
from simulator.ids import random_id
from simulator.pay import gate, keyring
from simulator.pay.gate import PayCall
from simulator.sim import Sim

NONE = "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥"


def setup(app: web.Application, sim: Sim) -> None:
    """Route of the certificates."""
    gate.add_routes(app, sim, [("GET", "/v3/certificates", certificates)])


async def certificates(call: PayCall) -> dict[str, Any]:
    """The platform certificates in force, encrypted with the APIv3 key; two during a change."""
    found = keyring.platforms(call.sim)
    if not found:
        raise PayError(
            404,
            "RESOURCE_NOT_EXISTS",
            "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥",
        )
    return {"data": [_sealed(call.sim, one) for one in found]}


def _sealed(sim: Sim, one: keyring.Platform) -> dict[str, Any]:
    nonce = random_id(12)
    return {
        "serial_no": one.serial,
        "effective_time": rfc3339(one.begins),
        "expire_time": rfc3339(one.ends),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "certificate",
            "ciphertext": gcm_seal(sim.settings.apiv3_key, nonce, "certificate", one.text),
        },
    }
