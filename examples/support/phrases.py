"""What the shop says: how its writers may sound, and the sentences about money, which no model writes."""

from __future__ import annotations

from typing import Final

TONES: Final = {
    "brief": "Answer in two short sentences, friendly and without ceremony.",
    "warm": "Answer warmly: say first that you understand how it feels, and apologize where something went wrong.",
    "formal": "Answer formally and precisely, with the customer's name and a complete salutation.",
}
"""The ways to write that are compared, by what a writer is told."""

STANDARD: Final = {
    "en": "Thank you for your mail. We look after it.",
    "de": "Vielen Dank für Ihre Nachricht. Wir kümmern uns darum.",
    "fr": "Merci pour votre message. Nous nous en occupons.",
    "es": "Gracias por su mensaje. Nos ocupamos de ello.",
}
"""The answer that needs no model."""

MONEY: Final = {
    ("paid", "en"): "We refund {amount} for order {order} today.",
    ("paid", "de"): "Wir erstatten heute {amount} für die Bestellung {order}.",
    ("paid", "fr"): "Nous remboursons {amount} pour la commande {order} aujourd'hui.",
    ("paid", "es"): "Hoy reembolsamos {amount} del pedido {order}.",
    ("people", "en"): "A refund of {amount} for order {order} is with our finance team.",
    ("people", "de"): "Die Erstattung von {amount} für die Bestellung {order} liegt bei unserer Buchhaltung.",
    ("people", "fr"): "Le remboursement de {amount} pour la commande {order} est chez notre comptabilité.",
    ("people", "es"): "El reembolso de {amount} del pedido {order} está en manos de nuestra contabilidad.",
    ("none", "en"): "We cannot refund this by our rules; a colleague looks at it.",
    ("none", "de"): "Nach unseren Regeln können wir das nicht erstatten; eine Kollegin sieht es sich an.",
    ("none", "fr"): "Nos règles ne permettent pas ce remboursement ; une collègue va regarder.",
    ("none", "es"): "Según nuestras reglas no podemos reembolsarlo; una compañera lo revisará.",
}
"""What is said of a refund: one that is paid, one that people decide, and one that is not given."""

OPENINGS: Final = {
    ("brief", "en"): "Hi {name}!",
    ("brief", "de"): "Hallo {name}!",
    ("brief", "fr"): "Salut {name} !",
    ("brief", "es"): "¡Hola, {name}!",
    ("warm", "en"): "Oh {name}, we are so sorry for the trouble.",
    ("warm", "de"): "Ach {name}, das tut uns sehr leid.",
    ("warm", "fr"): "Oh {name}, nous sommes vraiment désolés.",
    ("warm", "es"): "Ay, {name}, lo sentimos mucho.",
    ("formal", "en"): "Dear {name},",
    ("formal", "de"): "Sehr geehrte/r {name},",
    ("formal", "fr"): "Madame, Monsieur {name},",
    ("formal", "es"): "Estimado/a {name}:",
}
"""How the scripted writer begins, by tone and language."""

LIKED: Final = {"question": "brief", "refund": "formal", "complaint": "warm", "angry": "warm"}
"""Which tone the scripted critic likes for which mail."""
