"""Members, their WeChat identities, sessions, consents and addresses."""

from __future__ import annotations

from peewee import BigIntegerField, BooleanField, IntegerField, TextField

from schema.columns import JsonField, Table, UtcField, ref, state, word


class Member(Table):
    """A person who follows, shops or sells (会员)."""

    public_no = word(12, unique=True)
    nickname = word(64, null=True)
    name_hash = word(64, null=True, index=True)  # of the nickname: kernel.people_hashes
    avatar = word(64, null=True)  # digest of a stored picture
    state = state("active")  # active, closed, erased
    adult_confirmed_at = UtcField(null=True)
    push_agreed_at = UtcField(null=True)
    push_stopped_at = UtcField(null=True)
    is_care_mode = BooleanField(null=True)  # large type; null: never chosen
    name_declined_at = UtcField(null=True)  # the question after the first order was answered no
    wrapped_key = TextField(null=True)  # the member's encrypted data key; deleted on erasure
    created_at = UtcField(index=True)


class WechatIdentity(Table):
    """An openid of a member at one official account (微信身份)."""

    member = ref(Member)
    appid = word(32)
    openid = word(64)
    unionid = word(64, null=True)
    is_following = BooleanField(default=False)
    followed_at = UtcField(null=True)
    unfollowed_at = UtcField(null=True)
    last_message_at = UtcField(null=True)  # a message opens the service window for 48 hours
    last_tap_at = UtcField(null=True)  # a follow or scan opens it for one minute
    first_scene = word(64, null=True)

    class Meta:
        indexes = ((("appid", "openid"), True), (("is_following", "id"), False))


class WebSession(Table):
    """A browser's session, signed in or not (会话). The cookie's token is stored hashed."""

    token_hash = word(64, unique=True)
    member = ref(Member, null=True)
    is_care_mode = BooleanField(default=False)
    visitor = word(40)
    flash = JsonField(null=True)
    created_at = UtcField()
    seen_at = UtcField()
    expires_at = UtcField(index=True)


class OauthState(Table):
    """The state of a WeChat sign-in: bound to a session, valid once, with its return path."""

    state_hash = word(64, unique=True)
    session = ref(WebSession)
    next_path = word(600)
    scope = word(20, default="snsapi_base")
    round = IntegerField(default=1)
    created_at = UtcField(index=True)
    used_at = UtcField(null=True)


class Handover(Table):
    """A QR code that transfers an outside browser's cart into WeChat, valid once (换端)."""

    token_hash = word(64, unique=True)
    session = ref(WebSession)
    next_path = word(600)
    created_at = UtcField(index=True)
    used_at = UtcField(null=True)
    used_by = ref(Member, null=True)


class Consent(Table):
    """A member's consent to one version of a purpose's text, and its withdrawal (授权同意)."""

    member = ref(Member)
    purpose = word(32)
    version = word(16)
    given_at = UtcField()
    withdrawn_at = UtcField(null=True)

    class Meta:
        indexes = ((("member", "purpose", "version"), True),)


class Address(Table):
    """A delivery address; the text is encrypted under the member's key (收货地址)."""

    member = ref(Member)
    sealed = TextField()
    masked = word(120)
    region = word(6, default="")  # code of the division (domain.regions); "" in old rows
    name_hash = word(64, null=True, index=True)  # kernel.people_hashes; gone with the address
    phone_hash = word(64, null=True, index=True)
    is_default = BooleanField(default=False)
    created_at = UtcField()
    deleted_at = UtcField(null=True)


class KeptRecord(Table):
    """A sealed copy of personal data that law requires of a person who was deleted (法定留存).

    It has a data key of its own, which goes with the row on its day.
    """

    member = ref(Member)
    subject = word(16)  # order, payee
    subject_id = BigIntegerField()
    ground = word(16)  # kernel.erasure.Ground
    wrapped_key = TextField()
    sealed = TextField()
    made_at = UtcField()
    until_at = UtcField(index=True)

    class Meta:
        indexes = ((("subject", "subject_id"), False),)
