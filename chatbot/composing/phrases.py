"""What the bot says that is not a fact: greetings, questions back, honest refusals. Plain and kind, in one place."""

GREETING = "Hello! I can tell you where your order is and what the policies of {shop} say. What would you like to know?"
WELCOME = "You're welcome! Is there anything else I can help you with?"
GOODBYE = "Goodbye, and have a good day!"
ABOUT_BOT = (
    "I'm the support assistant of {shop}, a program. I look things up in your orders and in our policies, and I show where each answer comes "
    "from. If you would rather talk to a person, just say so."
)
ASK_AGAIN = "What would you like to know? You can ask about an order, or about shipping, returns and our other policies."
SIGN_IN = "Please sign in with the e-mail address of your order, so that I can look at it. Nobody else gets to see your orders."
NO_ORDERS = "I see no orders under your e-mail address. If you used another address, please sign in with that one."
NOT_FOUND_BEGINS, NOT_FOUND_ENDS = "I cannot find order", "among your orders."  # by these, what is none of theirs is known later
NOT_YOURS = f"{NOT_FOUND_BEGINS} {{numbers}} {NOT_FOUND_ENDS} Please check the number, or sign in with the e-mail address that you ordered with."
NEARLY_YOURS = f"{NOT_FOUND_BEGINS} {{number}} {NOT_FOUND_ENDS}"
DID_YOU_MEAN = "Did you mean"
THEN_WHICH = (
    "Then please look at the number once more, for example in the e-mail that confirmed your order. I can also list your orders: just "
    "ask “show me my orders”."
)
NOT_AMONG = "I do not see “{words}” in any of your orders. Here is what I do see:"
OFFER = "Shall I pass your question on to a person?"
NOT_IN_POLICIES = f"I could not find that in our policies, and I would rather not guess. {OFFER}"
POLICIES_UNAVAILABLE = f"I cannot look into our policies at the moment. Please try again in a few minutes. {OFFER}"
NOT_MENTIONED = "These words do not mention {names}. " + OFFER
CANNOT_CANCEL = f"I cannot cancel an order myself. {OFFER}"
CANNOT_CHANGE = f"I cannot change an address myself. {OFFER}"
EXCEPTION_BESIDE = "There is an exception, which our records may not show:"
EXCEPTIONS_BESIDE = "There are exceptions, which our records may not show:"
NO_RULE = f"I found no rule about that in our policies. {OFFER}"
TOTAL_ONLY = "Our records do not show shipping or tax by itself."
NOT_THEN = "I see no order of yours from that time. Here is what I do see:"
NO_DAYS = "Our records do not say when your orders were placed. Here is what I do see:"
NOT_AT_THAT_PRICE = "I see no order or item of yours for that sum. Here is what I do see:"
NOT_PAID_WITH = "I see no order of yours that was paid with “{how}”. Here is what I do see:"
NONE_OF_THESE_PAID_WITH = "What I found was not paid with “{how}”, by our records:"
NO_PAYMENTS = "Our records do not say how your orders were paid. Here is what I do see:"
NOT_COMPARABLE = "I cannot compare your orders by their totals: our records lack some of them, or have them in several currencies."
TOO_MANY_ORDERS = (
    "You have more orders than I can look through at once, so I cannot tell which one that is. Please tell me its number."
)
NO_REASON = f"Our records do not say why. {OFFER}"
NONE_IN_STATE = "None of your orders is {state} by our records."
NONE_OF_THE_NEWEST = "None of your newest {count:,} orders is {state} by our records; I have not looked through the older ones."
NOT_OF_NOW = "This is how it stood {age}; our order system has told me nothing newer."
NO_OTHER = "I see no other order of yours."
HANDED_OFF = "I have asked a colleague to look at this conversation. They will answer here as soon as they can."
FAILED = "Something went wrong on our side, and I could not answer. Please ask again; if it happens again, I can call a person."

TALK_TO_A_PERSON = "I'd like to talk to a person"
TRACK = "Track my parcel"
WHAT_IS_IN_IT = "What is in it?"
RETURN_IT = "Can I still return it?"
SUGGESTIONS = ("Where’s my order?", "Can I still return it?", "How long does delivery take?", "When do I get my refund?")
FROM_THE_RECORDS = "To be exact, here is what our records say:"
