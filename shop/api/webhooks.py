"""Where Stripe tells us that something happened."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from shop.payments.gateway import ForgedWebhook
from shop.payments.services import receive_webhook


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """200 once it is kept; 400 for a signature that is not Stripe's, and nothing changes."""
    try:
        receive_webhook(payload=request.body, signature=request.headers.get("Stripe-Signature", ""))
    except ForgedWebhook as refusal:
        return JsonResponse({"code": refusal.code, "sentence": refusal.said}, status=400)
    return HttpResponse("kept\n", content_type="text/plain")
