"""WeChat's errors: codes of the API host, of Pay v3, and the plain errors of `/_sim`."""

from __future__ import annotations

from typing import Any

MESSAGES = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40029: "invalid code",
    40030: "invalid refresh_token",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40035: "invalid parameter",
    40036: "invalid template_id size",
    40032: "invalid openid list size",
    40037: "invalid template_id",
    40048: "invalid url",
    40052: "invalid action name",
    40053: "invalid action info",
    40054: "invalid sub button url domain",
    40055: "invalid button url domain",
    40059: "invalid msg id",
    40066: "invalid url",
    40125: "invalid appsecret",
    40130: "invalid openid list size, at least two openid",
    40137: "invalid image format",
    40163: "code been used",
    40164: "invalid ip, not in whitelist",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    42002: "refresh_token expired",
    42003: "code expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45005: "url size out of limit",
    45006: "picurl size out of limit",
    45007: "voice playtime out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45026: "template num exceeds limit",
    45028: "has no masssend quota",
    45047: "out of response count limit",
    45056: "too many tags now, should delete some",
    45057: "can't delete the tag that has too many fans",
    45058: "can't modify sys tag",
    45059: "can not tag fans with more tags",
    45065: "clientmsgid exist",
    45067: "clientmsgid length is out of limit",
    45072: "invalid command",
    45080: "no interaction in the last 30 seconds",
    45081: "already in typing state",
    45157: "invalid tag name",
    45158: "tag name too long",
    45159: "invalid tag id",
    46003: "menu no exist",
    46004: "user no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48003: "user not agree mass-send protocol",
    48006: "forbid to clear quota because of reaching the limit",
    49003: "not match openid with appid",
    53600: "Article ID is invalid",
    65301: "not exist conditional menu",
    65303: "need default menu first",
    65316: "too many outside domains in menu",
    65320: "matchrule field is no longer supported",
    89503: "this ip needs the administrator's confirmation",
    9410010: "long_data is too long or empty",
    9410011: "short_key is invalid",
    9410012: "expire_seconds is invalid",
}


class WxError(Exception):
    """An API-host error: HTTP 200 with errcode and errmsg (错误码)."""

    def __init__(self, errcode: int, note: str = "", **facts: Any) -> None:
        super().__init__(errcode, note)
        self.errcode = errcode
        self.errmsg = MESSAGES.get(errcode, "error") + (f" {note}" if note else "")
        self.facts = facts


class PayError(Exception):
    """A Pay v3 error: HTTP status, code and message."""

    def __init__(self, status: int, code: str, message: str, **detail: Any) -> None:
        super().__init__(status, code, message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail


class SimError(Exception):
    """An error of `/_sim`; each subclass has its HTTP status."""

    status = 400
    code = "bad_request"


class SimMissing(SimError):
    status = 404
    code = "not_found"


class SimConflict(SimError):
    status = 409
    code = "conflict"
