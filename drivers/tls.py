"""Modbus/TCP Security: our certificate and theirs, and the role that a peer's certificate gives it.

MODBUS/TCP Security Protocol Specification (MB-TCP-Security-v21): TLS 1.2 or newer, certificates on both sides, port
802, roles in the certificate extension 1.3.6.1.4.1.50316.802.1 as UTF8String.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

ROLE_OID = "1.3.6.1.4.1.50316.802.1"
_UTF8_STRING = 0x0C
_LOCKED = "it is locked with a password, which a controller has nobody to ask for"


class WrongPeer(Exception):
    """The peer is not the one, or not of the role, that the site names; nothing was asked of it."""


class TlsFilesWrong(Exception):
    """A certificate or key cannot be used. ``file`` is the path; the text says why."""

    def __init__(self, file: Path, detail: str) -> None:
        super().__init__(f"{file}: {detail}")
        self.file = file
        self.detail = detail


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: who may have signed the peer's certificate (or that very certificate), our own and its key."""

    ca: Path
    certificate: Path
    key: Path


def client_context(files: TlsFiles) -> tuple[ssl.SSLContext, bytes | None]:
    """The context of a connection, and the certificate (DER) that the peer must have, where ``ca`` pins it.

    ``ca`` with authorities: the peer's certificate must come from one and name the host. ``ca`` with one certificate
    that may sign nothing: the peer must show that one, whatever host it names; so devices are used that sign their
    own. The files are read at each connecting, so that renewed ones need no restart. Raises ``TlsFilesWrong``.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    pinned = _pinned(files.ca)
    if pinned is not None:
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(files.ca)
    except (OSError, ssl.SSLError) as error:
        raise TlsFilesWrong(files.ca, _detail(error)) from error
    _certificates(files.certificate)
    key = _text_of(files.key)
    try:
        # A password would be asked for at the terminal: a controller has none.
        context.load_cert_chain(files.certificate, files.key, password=lambda: b"")
    except (OSError, ssl.SSLError, ValueError) as error:
        raise TlsFilesWrong(files.key, _key_trouble(key, error)) from error
    return context, pinned


def refuse_other_than_pinned(certificate: bytes, pinned: bytes | None) -> None:
    """Raises ``WrongPeer`` where a peer is pinned and shows another certificate."""
    if pinned is not None and certificate != pinned:
        raise WrongPeer("the peer shows another certificate than the pinned one")


def peer_role(certificate: bytes) -> str | None:
    """The role in a certificate (DER); None without that extension, or with one that is no UTF8String."""
    from cryptography import x509
    from cryptography.x509.oid import ObjectIdentifier

    try:
        extensions = x509.load_der_x509_certificate(certificate).extensions
        found = extensions.get_extension_for_oid(ObjectIdentifier(ROLE_OID)).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return None
    return _utf8_string(found.value) if isinstance(found, x509.UnrecognizedExtension) else None


def _utf8_string(der: bytes) -> str | None:
    """A DER UTF8String with a length of one byte, or of two in the long form (X.690, 8.1.3 and 8.23)."""
    if len(der) < 2 or der[0] != _UTF8_STRING:
        return None
    start, length = (3, der[2]) if der[1] == 0x81 and len(der) > 2 else (2, der[1])
    if len(der) != start + length:
        return None
    try:
        return der[start:].decode("utf-8")
    except UnicodeDecodeError:
        return None


def _pinned(ca: Path) -> bytes | None:
    """The only certificate of that file, if it may sign no other."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    found = _certificates(ca)
    if len(found) != 1:
        return None
    try:
        may_sign = found[0].extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        may_sign = False
    return None if may_sign else found[0].public_bytes(Encoding.DER)


def _certificates(file: Path) -> list[Certificate]:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(_text_of(file))
    except ValueError as error:
        raise TlsFilesWrong(file, "it holds no certificate in PEM form") from error


def _text_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise TlsFilesWrong(file, error.strerror or str(error)) from error


def _key_trouble(key: bytes, error: Exception) -> str:
    if b"PRIVATE KEY-----" not in key:
        return "it holds no key in PEM form"
    if b"ENCRYPTED" in key:
        return _LOCKED
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return "it is not the key of the certificate"
    return _detail(error)


def _detail(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    return getattr(error, "strerror", None) or str(error)
