"""Django's settings. Everything that differs between machines comes from `config/environment.py`."""

import logging
import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from config.environment import read_environment
from config.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent
env = read_environment(os.environ)

SECRET_KEY = env["STAGEDOOR_SECRET_KEY"]
SITE_URL = env["SITE_URL"]
DEMO = env["STAGEDOOR_DEMO"]
DEBUG = False
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname, *env["ALLOWED_HOSTS"]]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
TRUSTED_PROXIES = env["TRUSTED_PROXIES"]
IS_HTTPS = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "django_structlog",
    "django_prometheus",
    "csp",
    "shop",
    "liveevents",
    "config",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "shop.web.policy.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "shop.web.request_log.RequestLogMiddleware",
    "shop.web.caching.CacheControlMiddleware",
    "shop.door.shopper.ShopperMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shop.web.refusals.RefusalMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.web.context.shop_front",
            ],
            "builtins": ["django.templatetags.static", "shop.web.templatetags.stagedoor"],
            "libraries": {"stagedoor": "shop.web.templatetags.stagedoor"},
        },
    }
]

# Pages share a pool: as many connections as requests are inside at a time. Other processes keep one for each thread.
PAGES_AT_ONCE, PAGES_WAITING = 16, 112
POOL = {"min_size": 2, "max_size": PAGES_AT_ONCE, "timeout": 10, "max_idle": 60}
DATABASES = {
    "default": {
        **env["DATABASE_URL"],
        "CONN_MAX_AGE": 0 if env["DATABASE_POOL"] else None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": "-c lock_timeout=5s -c statement_timeout=30s",
            **({"pool": POOL} if env["DATABASE_POOL"] else {}),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sign-in limits are shared by all processes and must outlive Redis: PostgreSQL keeps them.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shop_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

REDIS_URL = env["REDIS_URL"]
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that is gone must say so at once: rows remember what it would have carried.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
}

STRIPE_SECRET_KEY = env["STRIPE_SECRET_KEY"]
STRIPE_WEBHOOK_SECRET = env["STRIPE_WEBHOOK_SECRET"]
STRIPE_API_BASE = env["STRIPE_API_BASE"]
PAYMENT_QUIET_S = env["PAYMENT_QUIET_S"]

AUTH_USER_MODEL = "shop.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
ACCOUNT_ADAPTER = "shop.web.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_REQUIRED = False
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = False
# A mobile carrier puts thousands of honest people behind one network address; an e-mail address is one person's.
ACCOUNT_RATE_LIMITS = {"signup": "100/m/ip", "request_login_code": "100/m/ip,3/m/key"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/account/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

EMAIL_TIMEOUT = 10
vars().update(env["EMAIL_URL"])
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env["DEFAULT_FROM_EMAIL"]

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env["STATIC_ROOT"]
MEDIA_URL = "/media/"
MEDIA_ROOT = env["MEDIA_ROOT"]
PRIVATE_ROOT = env["PRIVATE_ROOT"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": PRIVATE_ROOT, "base_url": None},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# How old, in seconds, a show's page may be for who has nothing there; 0 makes it anew each time.
PAGES_KEPT_S = 0.95

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
X_FRAME_OPTIONS = "DENY"
VIDEO_HOSTS = [
    "https://www.youtube-nocookie.com",
    "https://player.twitch.tv",
    "https://player.vimeo.com",
    "https://www.tiktok.com",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "https:", "blob:"],
        "connect-src": [SELF, "https:"],
        "frame-src": VIDEO_HOSTS,
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "shop.door.problems.answer",
    "DEFAULT_PAGINATION_CLASS": None,
    "COERCE_DECIMAL_TO_STRING": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Stagedoor",
    "DESCRIPTION": "The shop, its shows and its packing desk: the same services as the pages.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

METRICS_PORT = env["METRICS_PORT"]
METRICS_HOST = env["METRICS_HOST"]

LOGGING_CONFIG = None
LOG_FORMAT = env["LOG_FORMAT"]
logging_config(LOG_FORMAT)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# A request is told of once, when it is over.
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG
