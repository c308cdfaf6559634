"""Sign-in through WeChat (网页授权): authorize URL, exchange of the code, profile."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from domain.members.ports import OAuthIdentity, OAuthProfile, OAuthScope
from gateways.http import count_call
from gateways.wechat.client import GATEWAY, WeChatClient
from kernel.errors import Refused, Retryable

PICTURE_HOSTS = ".qlogo.cn"
PICTURE_BYTES = 2 * 1024 * 1024


class WeChatOAuth:
    """Implements ``domain.members.ports.OAuthPort``."""

    def __init__(self, client: WeChatClient) -> None:
        self._client = client

    def authorize_url(
        self, redirect_uri: str, state: str, scope: OAuthScope = "snsapi_base"
    ) -> str:
        """The URL to redirect the browser to. WeChat requires this order of parameters."""
        config = self._client.config
        pairs = (
            ("appid", config.appid),
            ("redirect_uri", redirect_uri),
            ("response_type", "code"),
            ("scope", scope),
            ("state", state),
        )
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in pairs)
        return f"{config.open_base}/connect/oauth2/authorize?{query}#wechat_redirect"

    async def exchange(self, code: str) -> OAuthIdentity:
        """The identity behind a code. Raises Refused for a used or expired one: sign in anew."""
        config = self._client.config
        params = {
            "appid": config.appid,
            "secret": config.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        path = "/sns/oauth2/access_token"
        result = await self._client.anonymous("GET", path, params=params)
        return OAuthIdentity(
            openid=_text(result, "openid"),
            unionid=result.get("unionid") or None,
            scope=str(result.get("scope") or ""),
            is_snapshot=int(result.get("is_snapshotuser") or 0) == 1,
            access_token=str(result.get("access_token") or ""),
        )

    async def profile(self, identity: OAuthIdentity) -> OAuthProfile:
        """Nickname and avatar. Raises Refused('48001') without the scope snsapi_userinfo."""
        if "snsapi_userinfo" not in identity.scope:
            raise Refused("48001", "only after snsapi_userinfo")
        params = {
            "access_token": identity.access_token,
            "openid": identity.openid,
            "lang": "zh_CN",
        }
        result = await self._client.anonymous("GET", "/sns/userinfo", params=params)
        return OAuthProfile(
            openid=_text(result, "openid"),
            unionid=result.get("unionid") or None,
            nickname=str(result.get("nickname") or ""),
            avatar_url=str(result.get("headimgurl") or ""),
        )

    async def picture(self, url: str) -> bytes:
        """The bytes of a person's picture (头像).

        Raises Refused('picture_elsewhere'): only addresses of WeChat are asked, so that no page of
        this network can be read through a profile.
        """
        if not self._is_wechats(url):
            raise Refused("picture_elsewhere")
        async with count_call(GATEWAY, "headimgurl"):
            answer = await self._client.caller.send(
                "GET", url, is_repeatable=True, bytes_max=PICTURE_BYTES
            )
            if answer.status != 200:
                raise Retryable(f"http_{answer.status}")
            return answer.body

    def _is_wechats(self, url: str) -> bool:
        split, own = urlsplit(url), urlsplit(self._client.config.api_base)
        if (split.scheme, split.netloc) == (own.scheme, own.netloc):
            return True
        return split.scheme == "https" and split.netloc.endswith(PICTURE_HOSTS)


def _text(result: dict[str, Any], name: str) -> str:
    value = result.get(name)
    if not isinstance(value, str) or not value:
        raise Retryable("no_openid", "WeChat answered without an openid")
    return value
