"""Django's settings that every review has, and the one place where Django is set up.

The package calls `set_up` when it is imported, because models need it: its modules can then be imported in
any order. Which workspace's review is opened, and at which address, is chosen by `web.site.start`.

Reads: nothing.
Writes: nothing.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

# A vote with a long reason takes some kilobytes; a proposal somewhat more.
MAX_BODY_BYTES = 64 * 1024
_TEMPLATES = Path(__file__).resolve().parent / "web" / "templates"


@cache
def set_up() -> None:
    """Set Django up, once a process; no database is opened."""
    import django
    from django.conf import settings

    settings.configure(**_applications(), **_protection())
    django.setup()


def _applications() -> dict[str, Any]:
    """Return what the site is made of."""
    return {
        "DEBUG": False,
        "INSTALLED_APPS": ["django.contrib.sessions", "listgen.review.apps.ReviewConfig"],
        # None until a workspace is chosen.
        "DATABASES": {"default": {"ENGINE": "django.db.backends.dummy"}},
        "MIDDLEWARE": [
            "listgen.review.web.guard.Guard",
            "django.middleware.security.SecurityMiddleware",
            "csp.middleware.CSPMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "listgen.review.web.guard.Visit",
        ],
        "ROOT_URLCONF": "listgen.review.web.urls",
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.jinja2.Jinja2",
                "DIRS": [_TEMPLATES],
                "OPTIONS": {"environment": "listgen.review.wording.environment", "autoescape": True},
            }
        ],
        "APPEND_SLASH": False,
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "USE_I18N": False,
        "LOGGING_CONFIG": None,
    }


def _protection() -> dict[str, Any]:
    """Return what keeps pages, sessions and forms safe, whatever the address."""
    return {
        "CONTENT_SECURITY_POLICY": {"DIRECTIVES": _policy()},
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
        "SESSION_ENGINE": "listgen.review.web.sessions",
        "SESSION_COOKIE_AGE": 12 * 3600,
        "SESSION_EXPIRE_AT_BROWSER_CLOSE": False,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # A cookie, not the session: a page that anybody may open must not leave a row behind.
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_FAILURE_VIEW": "listgen.review.web.drawing.refused_form",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": MAX_BODY_BYTES,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 100,
        "FILE_UPLOAD_HANDLERS": [],
    }


def _policy() -> dict[str, Any]:
    return {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
    }
