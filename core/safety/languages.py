"""What takes a model's orders from it, in other languages than English."""

from core.safety.vocabulary import Written

LANGUAGES: Written = (
    (
        "language",
        "",
        "ignor vergiss vergess missacht umgeh uberschreib",
        (
            r"\b(?:ignorier\w*|vergiss|vergessen sie|missachte\w*|umgeh\w*|uberschreib\w*)~(?:(?:vorherig"
            r"|bisherig|vorig|fruher|obig|dein)\w*"
            r"|alle ihre)~(?:anweisung|regeln?|vorgabe|richtlinie|instruktion|prompt|befehl)",
            r"\b(?:vergiss|ignoriere?) (?:deine|alle)~(?:anweisung|regeln?|vorgabe|richtlinie|instruktion)",
            r"\b(?:bisherige|vorherige|deine|vorige)n? (?:anweisungen|regeln|vorgaben"
            r"|richtlinien) (?:zu )?(?:ignorier|missacht|vergess)",
        ),
    ),
    (
        "language",
        "",
        "bist prompt anweisung ki-",
        (
            r"\bdu bist (?:jetzt|nun|ab jetzt|ab sofort) (?:\w+ ){0,4}?(?:assistent|ki|bot|modell"
            r"|uneingeschrankt\w*|dan|hacker)\b",
            r"\b(?:zeig|nenn|gib|verrat|druck)\w*~(?:system-?prompts?|system-?anweisung|interne\w* anweisungen)",
            r"\bki-?(?:assistent|modell|system)\w* (?:sollen|mussen|soll|muss)\b",
        ),
    ),
    (
        "language",
        "",
        "ignor oubli neglig contourn suis suivez tiens tenez",
        (
            r"\b(?:ignore[zr]?|oublie[zr]?|neglige[zr]?|contourne[zr]?|ne (?:suis|suivez) pas|ne (?:tiens"
            r"|tenez) pas compte)~(?:tes|vos|toutes"
            r"|les|des)~(?:instructions|consignes|regles|directives)(?: (?:precedent|anterieur|ci-dessus"
            r"|de l'operateur|systeme)|"
            r"(?<=tes instructions)|(?<=tes consignes)|(?<=tes regles)|(?<=vos consignes)|(?<=vos regles)"
            r"|(?<=vos instructions))",
        ),
    ),
    (
        "language",
        "",
        "maintenant desormais systeme assistant ia modele",
        (
            r"\b(?:tu es|vous etes) (?:maintenant|desormais) (?:\w+ ){0,4}?(?:dan|ia|modele|assistant|bot)\b",
            r"\b(?:revele|montre|affiche|donne|dis)\w*~(?:prompt|invite) (?:du )?systeme",
            r"\b(?:note|message|attention|instruction)s? (?:a|pour) (?:l'|les )?(?:assistants?|ia|modeles?)\b",
        ),
    ),
    (
        "language",
        "",
        "ignor olvid descart omit",
        (
            r"\b(?:ignor(?:a|e|ar|en)|olvid(?:a|e|ar|en)|descart(?:a|e|ar)|omit(?:e|a|ir))~(?:instrucciones"
            r"|reglas|directrices|normas"
            r"|indicaciones)\b(?: (?:anteriores|previas|del sistema|que te)|(?<=tus reglas)"
            r"|(?<=tus instrucciones)|(?<=sus instrucciones)"
            r"|(?<=sus reglas)|(?<=tus normas))",
        ),
    ),
    (
        "language",
        "",
        "ahora sistema",
        (
            r"\b(?:ahora|a partir de ahora) (?:eres|el asistente|debes|responde)\b",
            r"\b(?:muestra|muestrame|revela|dime|ensename)~prompt (?:del )?sistema",
        ),
    ),
    (
        "language",
        "",
        "ignora dimentica trascura",
        (
            r"\b(?:ignora(?:re|te)?|dimentica(?:re|te)?|trascura(?:re|te)?)~(?:istruzioni|regole|direttive"
            r"|linee guida)\b(?: (?:precedenti|del sistema"
            r"|sopra|e (?:di|rispond))|(?<=tue regole)|(?<=tue istruzioni)|(?<=sue istruzioni))",
        ),
    ),
    (
        "language",
        "",
        "sei come sistema",
        (
            r"\b(?:da ora in poi|adesso|ora) sei (?:un|il|una|dan)",
            r"\b(?:agisci|comportati|rispondi) come~~(?:ia|bot|modello|hacker|senza (?:filtri|limiti|regole))\b",
            r"\b(?:mostra|rivela|dimmi)\w*~prompt (?:di |del )?sistema",
        ),
    ),
    (
        "language",
        "",
        "negeer vergeet negeren systeemprompt",
        (
            r"\b(?:negeer|vergeet|negeren)~(?:(?:eerdere|vorige|bovenstaande|je|jouw|uw)~(?:instructies"
            r"|richtlijnen|regels|opdrachten))",
            r"\b(?:vorige|eerdere|hun|je) (?:\w+ )?(?:instructies|richtlijnen|regels) (?:te )?negeren",
            r"\b(?:toon|laat|geef)~systeemprompt",
        ),
    ),
    (
        "language",
        "",
        "ignor esque desconsider",
        (
            r"\b(?:ignor(?:e|a|ar|em)|esquec(?:a|e|er)|desconsider(?:e|a|ar))~(?:instrucoes|regras|diretrizes"
            r"|orientacoes)\b(?: (?:anteriores|previas"
            r"|do (?:operador|sistema))|(?<=suas regras)|(?<=suas instrucoes)|(?<=tuas regras)|(?<=tuas instrucoes))",
        ),
    ),
    (
        "language",
        "",
        "sistema agora",
        (
            r"\b(?:mostre|mostra|revele|diga)~prompt (?:de |do )?sistema",
            r"\bagora (?:voce e|es|tu es) (?:um|uma|o|a|dan)",
        ),
    ),
    (
        "language",
        "",
        "игнор забуд ігнор",
        (r"(?:игнориру\w+|забуд\w+|проигнориру\w+|ігнору\w+)~(?:инструкци|правила|указания|інструкці)",),
    ),
    (
        "language",
        "",
        "ignoruj zapomnij pomin",
        (r"\b(?:zignoruj|ignoruj|zapomnij|pomin)~(?:instrukcj|zasad|polecen|regul)",),
    ),
    (
        "language",
        "",
        "talimat",
        (r"talimat\w*~(?:yok say|unut|dikkate alma|gormezden gel|goz ard)",),
    ),
    (
        "language",
        "",
        "指 命 规 規 提 设 ル プ",
        (
            r"(?:忽略|无视|忘记|忽視|無視|忘記)[^。\n]{0,10}(?:指令|指示|规则|規則|提示|设定)",
            r"(?:指示|命令|ルール|プロンプト|指令)[^。\n]{0,10}(?:無視|忘れて)",
            r"(?:显示|告诉我|输出)[^。\n]{0,8}系统提示|システムプロンプト[^。\n]{0,6}(?:表示|教え)",
        ),
    ),
    (
        "language",
        "",
        "지시 명령 규칙 프롬프트",
        (r"(?:지시|명령|규칙|프롬프트)[^.\n]{0,10}(?:무시|잊어)",),
    ),
    (
        "language",
        "",
        "تجاهل انس",
        (r"(?:تجاهل|انس)[^.\n]{0,20}(?:التعليمات|الأوامر|القواعد|تعليمات|تعليماتك)",),
    ),
    (
        "language",
        "",
        "निर्देश नियम",
        (r"(?:निर्देश|नियम)[^।\n]{0,20}(?:अनदेखा|भूल|नज़रअंदाज़)",),
    ),
)
