"""Requests that no client method can make: unsigned, badly signed, with other headers."""
import base64
import datetime
import hashlib
import hmac
import json
from urllib.parse import quote, urlparse

import requests

TIMEOUT = 60


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def sign(keys, method, host, path, query=None, body=b"", date=None, content_hash=False):
    """The headers of a signed request. `path` is the raw path as sent, `query` maps names to decoded values."""
    access, secret = keys
    date = date or datetime.datetime.now(datetime.timezone.utc)
    stamp, day = date.strftime("%Y%m%dT%H%M%SZ"), date.strftime("%Y%m%d")
    digest = hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-date": stamp}
    if content_hash:
        headers["x-amz-content-sha256"] = digest
    names = ";".join(sorted(headers))
    canonical = "\n".join([
        method,
        quote(path, safe="/-_.~"),
        "&".join(f"{quote(k, safe='-_.~')}={quote(str(v), safe='-_.~')}" for k, v in sorted((query or {}).items())),
        "".join(f"{k}:{headers[k]}\n" for k in sorted(headers)),
        names,
        digest,
    ])
    scope = f"{day}/us-east-1/para/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = _hmac(("AWS4" + secret).encode(), day)
    for part in ("us-east-1", "para", "aws4_request"):
        key = _hmac(key, part)
    headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={names}, "
                                f"Signature={hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}")
    del headers["host"]
    return headers


def send(endpoint, method, path, headers=None, query=None, body=None):
    """Sends a request with exactly these headers and without following redirects."""
    target = path
    if query:
        target += "?" + "&".join(f"{quote(k, safe='')}={quote(str(v), safe='')}" for k, v in query.items())
    with requests.Session() as session:
        request = session.prepare_request(requests.Request(method, endpoint, headers=headers or {}, data=body))
        request.url = endpoint + target  # as written: the library would tidy `//` and escapes
        return session.send(request, timeout=TIMEOUT, allow_redirects=False)


def signed(endpoint, keys, method, path, query=None, body=None, headers=None, **options):
    """Signs and sends. A dict or list as body becomes JSON."""
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    data = body.encode() if isinstance(body, str) else (body or b"")
    made = sign(keys, method, urlparse(endpoint).netloc, path, query, data, **options)
    return send(endpoint, method, path, {**made, **(headers or {})}, query, data if body is not None else None)


def message(response):
    """The `message` member of an error body, or its text."""
    try:
        return response.json().get("message")
    except (ValueError, AttributeError):
        return response.text


def _b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def token(keys, now, lifetime=600, header=None, **claims):
    """A super token (HS256) of the app: access key and secret in keys, now in seconds."""
    access, secret = keys
    head = header or {"alg": "HS256"}
    body = {"iat": now, "exp": now + lifetime, "nbf": now - 5, "appid": access, **claims}
    text = ".".join(_b64url(json.dumps(part, separators=(",", ":")).encode()) for part in (head, body))
    return text + "." + _b64url(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())
