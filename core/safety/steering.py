"""What takes a model's orders or its role from it: rules for English."""

from core.safety.vocabulary import AI, AI_NAMED, DO, EARLIER, IGNORE, ORDERS, Written

STEERING: Written = (
    (
        "override",
        "instruction instructions prompt prompts directive directives direction directions "
        "guideline guidelines guidance rule rules command commands programming restriction "
        "restrictions filter filters policy policies safety persona operator operators",
        "",
        (
            rf"\b{IGNORE}~{EARLIER}~{ORDERS}\b",
            rf"\b{IGNORE}~(?:your|their|its|(?:the )?(?:system|developers?|operators?|companys?)(?:'?s)?)~{ORDERS}\b",
            rf"\b{IGNORE} all(?: of)?(?: the| your)? {ORDERS}\b",
            rf"\b{IGNORE}~the (?:policy|polic(?:y|ies) given|operator)",
            r"\b(?:your|all)(?: \w+)? (?:instructions|directions|rules|guidelines|prompts)(?: \w+){0,6}?"
            r" (?:(?:are|is) (?:void|null|cancelled|outdated|invalid|suspended)|do not apply|no longer apply)\b",
            r"\binstructions you (?:were given|received|have) are\b",
            r"\b(?:real|true|actual) instructions? (?:is|are)\b",
            r"\bnew instructions? ?: ?(?:you|ignore|forget|from|always|never|only|reply|answer|say|the)\b",
            r"\b(?:replaces|supersedes|overrides) your (?:\w+ )?(?:prompt|instructions)",
            r"\b(?:obey|follow) (?:me|these(?: instructions)?|the following(?: ones)?"
            r"|my instructions)\b[^.\n]{0,20}\binstead",
            r"\bfollow these instructions instead\b",
        ),
    ),
    (
        "override",
        "ignore ignoring disregard forget override overriding bypass neglect drop discard skip "
        "violate dismiss abandon follow following obey exactly",
        "",
        (
            rf"\b{IGNORE} the (?:system prompt|above|context)\b",
            rf"\b{IGNORE} (?:every|any|all|what)(?:thing|ever)?~(?:you (?:were|are|have|know|learned)"
            r"|(?:your|the) (?:developers?|operators?|creators?|makers?|company|system)|above|before this)\b",
            rf"\b{IGNORE} what the (?:developers?|operators?|system) said",
            r"\bdo exactly (?:what|as) i (?:type|say|tell)\b",
        ),
    ),
    (
        "override",
        "ai llm llms language assistant assistants bot bots chatbot chatbots model models gpt",
        "",
        (
            rf"\bif you are an? {AI}",
            rf"\b(?:note|attention|message|instructions?|hint|reminder|dear)\W+(?:to|for)?\W*(?:all |any "
            rf"|every )?{AI_NAMED}\b",
            rf"\b(?:dear|attention) {AI}\b",
            rf"\b{AI}~(?:must|should|shall|has to|have to|will|needs? to)(?: now| also| not| only)* {DO}\b",
            rf"(?:^|[\n.!?:]\s*)(?:ai|llm|assistant|chat ?bot|bot|model)\s?[,:] ?(?:please )?{DO}\b",
            rf"\b{AI} (?:reading|that reads?|processing) (?:this|the)",
            r"\bfor the (?:ai|llm|language model)(?: only)?\b",
        ),
    ),
    (
        "override",
        "when",
        "",
        (
            r"\bwhen (?:you(?: \w+)? )?(?:read|reading|summari[sz]\w+|process\w*|index\w*) this (?:document|page"
            r"|text|file|article)?"
            r",? (?:do not|ignore|append|include|add|say|tell|answer|always|you)\b",
        ),
    ),
    (
        "role",
        "now longer",
        "",
        (
            r"\byou(?: a|')re (?:now|no longer) (?:\w+ ){0,4}?(?:dan|ai|assistant|bot|model|terminal|hacker"
            r"|pirate|unrestricted"
            r"|unfiltered|jailbroken|evil\w*|agent for|chatbot|persona|llm|gpt|linux|free from|in developer mode)\b",
        ),
    ),
    (
        "role",
        "act acting behave respond reply answer speak pretend play roleplay simulate imagine",
        "",
        (
            r"\b(?:act|acting|behave|respond|reply|answer|speak|pretend|role ?-?play|simulate|imagine)~"
            r"(?:as|to be|you'?re|you are|like|an?|if)~~(?:dan|stan|evil\w*|hacker|unrestricted|unfiltered"
            r"|amoral|jail ?br\w+"
            r"|without (?:any )?(?:rules|restrictions|limits|filters?)|no (?:content |ethical |moral )?(?:rules"
            r"|restrictions|limits"
            r"|filters?|guidelines|policies)|an ai|language model|model called|linux|terminal|discount codes"
            r"|(?:who|that|which) (?:ignores?|reveals?|shares?|breaks?|always))\b",
        ),
    ),
    (
        "role",
        "mode",
        "",
        (
            r"\b(?:enter|enable|activate|switch to|turn on|in) (?:god|dan|jail ?break|unrestricted|sudo) mode\b",
            r"\b(?:developer|debug|admin|maintenance|root) mode\b.{0,60}?\b(?:you (?:output|will|must|answer"
            r"|reply|can do)|unfiltered"
            r"|moderation|restrictions|output the|config)\b",
        ),
    ),
    (
        "role",
        "now point here",
        "",
        (
            r"\bfrom (?:now|this point|here)(?: on| forward|onwards?)+,? (?:you|the (?:assistant|ai|bot"
            r"|model))(?: \w+){0,2}?"
            r" (?:respond|reply|answer|act|behave|speak|ignore|obey)\b",
        ),
    ),
    (
        "role",
        "anything jail jailbreak jailbroken",
        "",
        (
            r"\bdo anything now\b",
            r"\bjail ?br(?:eak|oken)\b(?! (?:phone|iphone|ipad|device|android|ios))[^.\n]{0,30}\b(?:ai|mode"
            r"|prompt|assistant|model|reply)\b",
        ),
    ),
    (
        "role",
        "ai llm llms language assistant assistants bot bots chatbot chatbots model models gpt persona",
        "",
        (
            r"\b(?:ai|assistant|bot|model|chatbot|persona)\b[^.\n]{0,40}\b(?:jail ?broken|unfiltered"
            r"|unrestricted|without (?:any )?"
            r"(?:rules|restrictions|limits|filters?|ethic\w+)|no (?:\w+ )?(?:rules|restrictions|limits|policies"
            r"|filters?|guidelines))\b",
        ),
    ),
    (
        "role",
        "dan unrestricted unfiltered",
        "",
        (r"\b(?:dan|unrestricted|unfiltered)\b[^.\n]{0,20}\bno (?:restrictions|rules|limits)\b",),
    ),
    (
        "role",
        "am",
        "",
        (r"\bi am your (?:developer|creator|admin\w*|boss|owner|operator|programmer)\b",),
    ),
    (
        "role",
        "persona role character roleplay moderation safety filters filter",
        "",
        (
            r"\b(?:take on|adopt|assume) (?:the|a) (?:persona|role|character) of\b",
            r"\b(?:stay in character|persona update|begin role ?-?play)\b",
            r"\bturn off (?:the|your) (?:moderation|safety|content filters?)\b",
        ),
    ),
    (
        "role",
        "you you're we're let's lets going",
        "",
        (
            r"\byou(?: a|')re (?:now )?(?:going|about) to (?:act|pretend|role ?-?play|simulate|impersonate"
            r"|answer as|respond as"
            r"|(?:fully )?immerse|change yourself)\b",
            r"\byou (?:will|must|are to|shall)(?: now)? (?:act (?:as|like)|simulate|pose as|impersonate"
            r"|role ?-?play|pretend)\b",
            r"\bfrom (?:now|this (?:point|moment|message))(?: on(?:ward)?s?| forward)?,? you(?: a|')?r?e?(?:'ll| will)?"
            r" (?:are |re )?(?:going to (?:be|act|play)|in the role|role ?-?play|no longer)\b",
            r"\b(?:play|have|in) an? (?:\w+ ){0,2}?(?:role ?-?play\w*|game)\b.{0,150}?\byou (?:are|will|must|act)\b",
            r"\byou are (?:now )?(?:chat ?gpt|\w+gpt|free (?:from|of) (?:all|any|your))\b",
            r"\byou(?:r name is| now go by)(?: now)? .{0,20}\b(?:unlocked|ai|gpt|bot|name)\b",
        ),
    ),
    (
        "role",
        "amoral uncensored unfiltered unethical chatgpt openai persona refuse bound moral morals ethics character",
        "",
        (
            r"\b(?:amoral|uncensored|unethical|unfilt\w+)\b.{0,60}\b(?:ai|chat ?bot|character|persona|respond"
            r"|assistant|named)\b",
            r"\b(?:ai|chat ?bot|character|persona|assistant)\b.{0,60}\b(?:amoral|uncensored|unethical|unfilt\w+)\b",
            r"\b(?:openai|chat ?gpt)(?:'?s)?\b.{0,40}\b(?:polic\w+|rules|guidelines|restrictions|limitations"
            r"|will not|can not)\b",
            r"\b(?:pretend|role ?-?play|simulate|respond|answer|you are)\b.{0,60}\b(?:chat ?gpt|openai)\b",
            r"\bpersona ?= ?\w|\bnever (?:break character|refuse)\b|\bnot bound by (?:any |the |its )?(?:rules"
            r"|polic|ethic|law|moral)",
            r"\b(?:not|n't) (?:have any |care (?:about )?(?:any |the )?)(?:laws|ethics|morals?|legality)\b",
        ),
    ),
    (
        "override",
        "input inputs before simulate",
        "",
        (
            rf"\b{IGNORE} (?:all )?(?:previous|prior) inputs?\b",
            rf"\b{IGNORE} (?:everything|all) from before\b",
            r"\bsimulate (?:\w+ ){1,2}mode\b",
        ),
    ),
    (
        "encoded",
        "decode decipher decrypt unscramble rot13 rot base64 base hex morse binary encoded",
        "",
        (
            r"\b(?:decode|decipher|decrypt|unscramble)\b.{0,60}\b(?:do (?:what|as)|follow|obey|execute|comply)\b",
            r"\b(?:follow|execute|obey|run) (?:this |the )?(?:following )?(?:rot ?13|base ?64|hex|morse|binary"
            r"|encoded)\b",
        ),
    ),
)
