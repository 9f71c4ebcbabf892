"""What makes a model tell, send or forge: rules for English, and for the marks of chats and comments."""

from core.safety.vocabulary import PEOPLE, TELL, Written

LEAKING: Written = (
    (
        "marker",
        "system assistant",
        "<| [ </ <s <u <a <h <c <t ##",
        (
            r"<\|[a-z0-9_ ]{2,40}\|>|\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>",
            r"</?(?:system|assistant|user|human|system_prompt|system-prompt|context|tool_call|function_call"
            r"|tool_response)>",
            r"(?:^|\n)\s*#{2,4} ?(?:system|instructions?|response|assistant|user|human|prompt) ?:",
            r"\b(?:system|assistant|human|user|ai) ?: .{0,120}\bassistant ?: ",
            r"(?:^|[\n.!?]\s*)(?:system|assistant|developer) ?: ?(?:you (?:are|must|will|should)|the (?:user"
            r"|customer|assistant)|sure"
            r"|i (?:will|confirm|can)|new policy|always|never|ignore|override|all rules|policy update)\b",
            r"\[?\b(?:system|admin|developer) (?:message|override|prompt|notice|instruction)s?\b ?[\]:]",
            r"\b(?:begin|start of|end of)(?: the)? (?:system prompt|user input|document|context|prompt)\b[^a-z]{0,8}"
            r"(?:begin|system|new|assistant|you|instructions?)\b",
            r"\bsystem override\b",
            r"[\"']role[\"'] ?: ?[\"'](?:system|assistant|developer|tool)[\"']",
            r"```\s?(?:system|assistant)\b",
        ),
    ),
    (
        "leak",
        "system hidden secret confidential initial environment prompt programming configuration "
        "memory guidelines instructions",
        "",
        (
            rf"(?<!not )(?<!never )\b{TELL}~~(?:system (?:prompt|message|instructions?)|(?:hidden|secret|confidential)"
            r" (?:instructions?|rules|prompts?|guidelines|notes)|initial (?:instructions?|prompt)"
            r"|environment variables)\b",
            rf"(?<!not )(?<!never )\b{TELL}~your (?:prompt|programming|configuration|memory|system message"
            rf"|guidelines)\b",
            rf"(?<!not )\b{TELL} (?:me )?your (?:\w+ )?instructions\b(?! (?:for|on|about|how|to|regarding))",
            rf"\b{TELL}~~the prompt (?:that|which|you)\b",
        ),
    ),
    (
        "leak",
        "above before top beginning",
        "",
        (
            r"\b(?:repeat|print|output|copy|translate) (?:everything|all|the (?:text|words|lines?|content)|any text)~"
            r"(?:above|before this|at the (?:top|beginning|start))\b",
            r"\b(?:text|words) at the (?:top|start|beginning) of your\b",
        ),
    ),
    (
        "leak",
        "access context start",
        "",
        (
            r"\b(?:api keys?|passwords?|credentials|secrets)\b.{0,40}\b(?:you have access|can you access)\b",
            r"\bstart your (?:reply|answer|response) with\b",
            r"\blist (?:all|every) \w+ in your context\b",
        ),
    ),
    (
        "leak",
        "customer customers user users client clients",
        "",
        (
            r"\b(?:give|show|list|tell|summari[sz]e|send|forward|share|dump|read)~~(?:the other|other|previous"
            r"|another|last|all)"
            r" (?:customers?|users?|clients?)\b(?!'? (?:service|support|reviews?))",
        ),
    ),
    (
        "exfiltrate",
        "",
        "http www. ![ /etc/ os. subprocess.",
        (
            r"\b(?:send|post|forward|upload|transmit|submit|copy)~~(?:conversation|chat|history|records?|data"
            r"|details|credentials"
            r"|passwords?|pin|it|them)\b[^\n]{0,30}\bto (?:https?:|www\.)",
            r"!\[[^\]\n]{0,80}\]\((?:https?:)?//[^)\s]*\?[^)\s]*\)",
            r"\bdrop table\b|\bos\.system\b|\bsubprocess\.|/etc/passwd|\brm -rf /",
            r"\b(?:fetch|visit|open|browse|load|go to) (?:https?:|www\.)\S+ and (?:follow|do|execute|obey)\b",
            rf"(?<!not )(?<!never )\b(?:tell|ask|instruct|get) (?:the )?{PEOPLE}~~(?:https?:|www\.)\S+.{{0,30}}\b"
            r"(?:password|pin|cvv|card number)\b",
        ),
    ),
    (
        "exfiltrate",
        "customer customers user users client clients",
        "",
        (
            r"\b(?:forward|send|e-?mail|export) (?:all|every)(?: the)? (?:customer|user|client)s?'? ?(?:records?"
            r"|data|details|\w*mails?)\b",
        ),
    ),
    (
        "exfiltrate",
        "image picture link url",
        "",
        (
            r"\b(?:add|include|insert|embed|render|output|display|put)~~(?:image|picture|link|url)\b[^\n]{0,40}"
            r"(?:\bwhose|\bthat contains|\bwith the (?:chat|conversation)|!\[|\]\(|to your (?:answer|reply))",
        ),
    ),
    (
        "exfiltrate",
        "tool function execute table rm",
        "",
        (
            r"\b(?:call|invoke|use|run|trigger) (?:the |your |this )?(?:\w+[ -]){0,2}?(?:tool|function)\b",
            r"\bexecute (?:the|this)(?: following)? (?:sql|code|command|script)\b",
            r"\bdrop table\b|\bos\.system\b|\bsubprocess\.|/etc/passwd|\brm -rf /",
        ),
    ),
    (
        "exfiltrate",
        "full encode always",
        "",
        (
            r"\b(?:request|ask for|collect) the full (?:card number|password|pin)\b",
            r"\bencode the (?:chat|conversation|history|answer)\b",
            r"\balways (?:end|begin|start|finish)(?: your| each| every| all)? (?:repl\w+|answers?|responses?"
            r"|messages?) with\b",
        ),
    ),
    (
        "comment",
        "",
        "<! [ <",
        (
            r"<!--(?:(?!-->).){0,400}?\b(?:ai|assistants?|llms?|models?|system|prompt|ignore|instructions?|you are)\b",
            r"\[(?://|comment)\]: ?(?:#|<>) ?[\"'(](?:.{0,80}?)\b(?:ai|assistants?|llms?|models?|ignore"
            r"|instructions?|tell|never)\b",
            r"<\w+[^>]{0,200}(?:display ?: ?none|font-size ?: ?0|visibility ?: ?hidden|opacity ?: ?0"
            r"|\bhidden\b)[^>]{0,80}>[^<]{3}",
            r"!\[[^\]]{0,60}\b(?:ignore|your guidelines|system prompt|instructions)\b",
        ),
    ),
)
