"""Puts the portal together: `create_app(services)` gives the Flask application.

Belongs here: wiring. Not here: pages, rules or words.
"""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from oauth_portal import (
    confirming,
    disconnecting,
    jwks,
    linking,
    pages,
    services,
    sessions,
    sharing,
    sign_in,
    uploading,
    webhooks,
)
from oauth_portal.cards import in_words, zone_words
from oauth_portal.errors import register_error_handlers
from oauth_portal.file_words import language_words
from oauth_portal.identity import IdentityProvider
from oauth_portal.memory_uploads import MemoryRequest
from oauth_portal.security import flask_config, protect, take_unprotected
from oauth_portal.services import Services
from ohx_pipelines.quiet_logs import quiet_libraries


def create_app(own: Services) -> Flask:
    """Give the application; nothing is asked of the outside world yet."""
    app = Flask("oauth_portal")
    app.request_class = MemoryRequest
    app.config.update(flask_config(own.settings.portal))
    app.extensions[services.EXTENSION] = own
    app.extensions[sessions.EXTENSION] = sessions.EndedSessions()
    app.extensions[sign_in.EXTENSION] = IdentityProvider(app, own.settings.oidc)
    protect(app, own)
    _set_up_templates(app, own)
    register_error_handlers(app)
    for room in (pages, sign_in, linking, confirming, disconnecting, sharing, jwks, uploading):
        app.register_blueprint(room.blueprint)
    if own.settings.portal.notifications:
        take_unprotected(app, webhooks.blueprint)
    quiet_libraries()
    return app


def _set_up_templates(app: Flask, own: Services) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["in_words"] = in_words
    app.jinja_env.filters["zone_words"] = zone_words
    app.jinja_env.filters["language_words"] = language_words
    app.context_processor(
        lambda: {
            "clinic": own.settings.portal.clinic,
            "contact": own.settings.portal.contact,
            "signed_in": sessions.current() is not None,
        }
    )
