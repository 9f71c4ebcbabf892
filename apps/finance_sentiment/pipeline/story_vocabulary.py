"""Words of headlines: which mean the same, which the opposite, which are only labels. Written for this project.

A headline's words are compared by meaning class, so that "lifts forecast" and "raises outlook" agree, and "lifts" and
"cuts" do not.
"""

LABELS = frozenset(  # in front of a headline, before ":" or "|" or "-": they name the kind of text, not what happened
    """adds alert analysis analyst announcement autos bank banks breaking brief briefing bulletin business column
    comment commentary company corrected correction corporate deals developing editorial energy exclusive explained
    explainer factbox feature fintech flash focus headline health hot in insight instant interview just latest live
    long market markets media news newsbreak opinion outlook pharma podcast poll preview press q&a read refile release
    report repeat retail rpt session sources special story stock stocks talk tech technology the today top trending
    update urgent viewpoint views watch weekend wire wrapup world big""".split()
)

OUTLETS = frozenset(  # behind a headline, after "-", "|" or in brackets: who printed it, or on whose word
    """agency analysis ap afp barron's bbc benzinga bloomberg business by cnbc cnn company com daily data dj dow
    economic economist editor exclusive express feed filing finance financial forbes ft fool fox gazette globe guardian
    herald insider investing.com investors investing journal jones ledger letter magazine mail marketwatch media memo
    money morningstar motley nbc network news newspaper newswire nikkei official online paper post press pr prnewswire
    report reports review reuters source sources spokesman spokesperson standard star statement street study sun
    telegraph thestreet times today tribune tv union update wall watch weekly wire world wsj yahoo zacks""".split()
)

SAME = {  # class: words that say it
    "ceo": "ceo boss chief",
    "cfo": "cfo",
    "job": "job jobs staff staffers worker workers employee employees post posts workforce headcount",
    "recall": "recall recalls recalled recalling withdraws withdrew withdrawn",
    "profit": "profit profits earnings income net pat",
    "sales": "sales revenue revenues turnover",
    "share": "share shares stock stocks equity",
    "forecast": "forecast forecasts outlook guidance target targets projection projections estimate estimates "
    "expectations expected view",
    "deal": "deal deals agreement agreements pact contract contracts",
    "probe": "probe probes investigation investigates investigating inquiry inquiries probing",
    "regulator": "regulator regulators watchdog authority",
    "suit": "sue sues sued suing lawsuit lawsuits suit suits case court litigation",
    "judge": "judge judges ruling rules",
    "factory": "factory factories plant plants works facility facilities mill mills site",
    "car": "car cars vehicle vehicles auto autos",
    "drug": "drug drugs treatment medicine therapy pill pills",
    "trial": "trial trials study studies",
    "flaw": "fault faults faulty flaw flaws defect defects defective",
    "fire": "fire fires blaze",
    "blast": "explosion explosions blast",
    "hack": "hack hacks hacked hackers hacker cyberattack cyber-attack breach breaches hacking ransomware phishing",
    "outage": "outage outages blackout",
    "permit": "permit permits licence license licences licenses",
    "strike": "strike strikes striking walkout walkouts",
    "stake": "stake stakes position holding holdings",
    "owner": "shareholder shareholders investor investors holder holders",
    "fine": "fine fines fined penalty penalties",
    "plan": "plan plans planned planning intends aims",
    "merger": "merger merge merges merging tie-up",
    "bid": "bid bids offer offers bidder suitor takeover",
    "bankrupt": "bankruptcy bankrupt insolvency insolvent administration",
    "arrest": "arrest arrests arrested held detained",
    "wind": "wind",
    "year": "year years annual yearly",
    "quarter": "quarter quarters quarterly",
    "consumer": "customer customers user users subscriber subscribers subscription client clients passenger passengers",
    "pay": "pay pays paid payment settles settle settled settlement",
    "warn": "warn warns warned warning warnings cautions flags",
    "new": "new fresh",
    "make": "make makes build builds building",
    "invest": "invest invests invested spend spends spending investment",
    "ship": "ship ships vessel vessels carrier carriers",
    "us": "us u.s america american washington",
    "uk": "uk u.k britain british",
    "eu": "eu european brussels",
    "price": "price prices pricing",
    "launch": "launch launches launched introduces introduced unveils unveiled debut debuts presents reveals rollout",
    "leave": "resign resigns resigned resignation quits quit departs departure retires retire retirement",
    "appoint": "name names named appoint appoints appointed appointment promotes",
    "talks": "talk talks negotiation negotiations negotiates discussions",
    "import": "import imports goods",
    "china": "china chinese",
    "dead": "dead kills killed deaths dies",
    "find": "finds found discovers discovered discovery uncovers detects",
    "bribe": "bribe bribery bribes corruption",
    "labour": "labour labor",
    "patent": "patent patents",
    "output": "output production",
    "norm": "norm norms regulation regulations",
    "company": "company companies corporation",
    "chair": "chair chairman chairwoman chairperson",
    "bag": "bag bags luggage baggage",
    "plane": "plane planes jet jets aircraft airliner airliners",
    "flight": "flight flights services",
    "money": "cash money funds funding",
    "breakup": "spinoff spin-off demerger breakup split",
    "store": "store stores shop shops outlet outlets branch branches",
    "house": "house houses home homes property",
    "debt": "debt debts loan loans borrowings borrowing",
    "loss": "loss losses deficit",
    "cost": "cost costs expense expenses",
    "tax": "tax taxes levy levies",
    "tariff": "tariff tariffs duty duties",
    "union": "union unions",
    "accident": "accident accidents incident crash",
    "leak": "leak leaks leaked leaking spill spills",
    "fraud": "fraud fraudulent scam",
    "payout": "dividend dividends payout payouts",
    "smartphone": "smartphone smartphones phone phones handset handsets",
    "software": "software app apps",
    "rate": "rate rates",
    "president": "president",
    "minister": "minister ministry",
    "government": "government state",
    "battery": "battery batteries",
    "injured": "injured injures hurt wounded",
    "choose": "chooses picks selects chosen selected picked",
    "seek": "seeks seek sought wants asks",
    "order": "orders ordered told tells",
    "voyage": "voyage sailing cruise",
    "initial": "maiden inaugural",
    "withdrawal": "outflow outflows withdrawals redemptions",
    "food": "food foods",
    "virus": "virus outbreak",
    "cancer": "cancer tumour tumor",
    "rival": "rival rivals competitor competitors peer peers",
    "partner": "partner partners partnership alliance teams",
    "report": "report reports reported posts logs books",
    "say": "says said tells told",
    "keep": "keeps kept maintains reiterates affirms backs",
    "hit": "hit hits hurts dents weighs",
    "demand": "demand appetite",
    "see": "sees expects expected forecasts predicts",
    "ban": "ban bans banned prohibits",
    "search": "hunt search",
    "truck": "truck trucks lorry lorries pickup pickups",
    "oil": "oil crude",
    "bank": "bank banks lender lenders creditor creditors",
    "retailer": "retailer retailers supermarket grocer",
    "chip": "chip chips semiconductor semiconductors",
    "deliver": "delivery deliveries shipment shipments delivers",
    "expand": "expand expands expansion expanding",
    "customs": "customs border",
    "ipo": "ipo ipos listing flotation",
    "hide": "hide hides hid hidden conceal conceals concealed",
    "jail": "jail jailed prison imprisoned",
    "pharmacy": "pharmacy pharmacies pharmacist pharmacists drugstore drugstores",
    "derail": "derails derailed derailment",
    "subsidiary": "subsidiary unit arm division",
    "hospital": "hospital hospitals clinic clinics",
    "school": "school schools pupils",
    "lawyer": "lawyer lawyers attorney attorneys",
    "home-loan": "mortgage mortgages",
    "grocery": "grocery groceries",
    "pensioner": "pension pensions retirees pensioners",
    "accuse": "accuse accuses accused alleges alleged allegation allegations claims",
}

OPPOSITES = {  # axis: words that say one thing, words that say its opposite
    "move": (
        """accelerate accelerates accelerating add added adds advance advances boost boosted boosts climb climbed
        climbs dearer double doubled doubles firmer gain gained gains grew grow grows growth higher hike hiked
        hikes improve improves increase increased increases jump jumped jumps lift lifted lifts pour poured
        pours raise raised raises raising rallied rallies rally rebound rebounds record rise risen rises
        rising rose soar soared soars spike spikes strengthens strong stronger surge surged surges tenfold top
        topped tops up upbeat""",
        """below cheaper crash crashes cut cuts cutting decline declined declines decrease decreases dip dipped
        dips down downbeat drop dropped drops eases fall fallen falling falls fell halve halved halves lower
        lowered lowers plunge plunged plunges pull pulled pulls reduce reduced reduces sank shed sheds shrank
        shrink shrinks sink sinks slash slashed slashes slid slide slides slip slipped slips slow slowdown
        slower slowing slows slump slumped slumps softens trim trimmed trims tumble tumbled tumbles weak
        weakens weaker""",
    ),
    "gap": (
        """deepens widen widened widens wider""",
        """narrow narrowed narrower narrows""",
    ),
    "estimate": (
        """beat beating beats exceeded exceeds""",
        """miss missed misses""",
    ),
    "rating": (
        """outperform overweight upgrade upgraded upgrades""",
        """downgrade downgraded downgrades underperform underweight""",
    ),
    "allow": (
        """accepted accepts agreed allows approval approve approved approves backs clearance cleared clears
        endorses meets nod ratifies ratify safe succeeds supports""",
        """banned bans block blocked blocks convicted convicts denied failed fails flops guilty imposes oppose opposes
        refuses reject rejected rejects unsafe veto vetoed vetoes withdraw""",
    ),
    "say": (
        """confirm confirmed confirms""",
        """denies deny refutes untrue""",
    ),
    "take": (
        """acquire acquired acquires acquiring acquisition awarded bags bought buy buying buys clinches lands
        purchase secured secures win wins won""",
        """disposes divest divests dumps lose loses lost offload offloads sale sell selling sells sold stripped""",
    ),
    "enter": (
        """join joined joining joins""",
        """exit exits leave leaves leaving""",
    ),
    "people": (
        """hire hires hiring recruits""",
        """fires layoff layoffs sacks""",
    ),
    "run": (
        """begins open opened opening opens reopen reopened reopens restart restarted restarts resume resumed
        resumes resumption starts""",
        """abandoned abandons axed axes cancel canceled cancelled cancels close closed closes closing closure
        drops ended ending ends freeze freezes grounds halt halted halts pause pauses scrap scrapped scraps
        shelve shelved shelves shut shuts shutting stop stopped stops suspend suspended suspends""",
    ),
    "time": (
        """ahead early sooner speeds""",
        """delay delayed delays late postpone postponed postpones""",
    ),
    "answer": (
        """accuse accuses alleges""",
        """apologises apologizes appeal appealed appeals defends replies reply responds response vows""",
    ),
    "not": (
        "",
        """cannot didn doesn isn never no nor not without""",
    ),
}

TWO_SIDED = frozenset({"take"})
"""Axes where both may be true at once: who wins against one, buys from one; they differ only for the same subject."""

PHRASES = (  # pattern, what it is read as
    (r"(?:wins?|gets?|gains?|receives?|secures?) (?=(?:\w+ ){0,2}(?:approval|nod|clearance))", ""),
    (r"(?:to |will )?(?:lose|lost|loses|losing|loss of)(?= (?:\w+ )?jobs)", "cut"),
    (r"job cuts|layoffs|redundancies", "cut jobs"),
    (r"(?:stop|stops|stopped|halt|halts) selling", "recall"),
    (r"book(?:s|ing|ed)? profits?|profit[- ](?:taking|booking)", "profittaking"),
    (r"chief executive(?: officer)?", "ceo"),
    (r"chief financial officer|finance chief|finance director", "cfo"),
    (r"(?:lay|lays|laying|laid) off|to lay off", "cut jobs"),
    (r"(?:step|steps|stepping|stand|stands) down", "resigns"),
    (r"(?:walk|walks|walked|walking) out", "strike"),
    (r"(?:pull|pulls|pulled)(?= (?:jars|cars|from shelves))|from shelves|pulled from shelves",
     "recall"),
    (r"pulls? the plug on", "halts"),
    (r"electric (?:vehicle|car)s?", "ev"),
    (r"initial public offering|go(?:es|ing)? public", "ipo"),
    (r"late[- ]stage|phase (?:3|iii|three)", "phase3"),
    (r"(?:buy|buys|buying|bought|share) ?backs?|share repurchases?|repurchases?", "buyback"),
    (r"own[- ](?:brand|label)", "ownlabel"),
    (r"fall(?:s|ing)? short of|fell short of", "misses"),
    (r"puts? up prices?", "raises prices"),
    (r"snapped up", "bought"),
    (r"(?:launch|launches|open|opens|opened|launched)(?= (?:a |an )?(?:probe|investigation|inquiry))", ""),
    (r"(?:files?|filed|filing) (?:a )?(?:law)?suit", "sues"),
    (r"(?:files?|filed) for (?=bankruptcy)|seeks? (?=bankruptcy)|bankruptcy protection", "bankruptcy "),
    (r"called off|calls? off|pulls? out of|walks? away from", "ends"),
    (r"call(?:s|ed|ing)? back", "recall"),
    (r"cyber[- ]?attacks?", "hack"),
    (r"head office", "headquarters"),
    (r"chapter (?:11|eleven)(?: protection)?|creditor protection", "bankruptcy"),
    (r"more time", "delay"),
    (r"(?:into|in) the red", "loss"),
    (r"(?:into|in) the black", "profit"),
    (r"no (?=dividend|payout)", "cancels "),
    (r"one in three", "a third"),
    (r"one in four", "a quarter"),
    (r"one in ten", "a tenth"),
    (r"(?:best|highest|biggest)(?: \w+)? ever|best on record", "record"),
    (r"(?:above|ahead of|better than) (?=(?:\w+ )?(?:estimates|forecasts|expectations))", "beats "),
    (r"(?:below|short of|worse than) (?=(?:\w+ )?(?:estimates|forecasts|expectations))", "misses "),
    (r"(?:axe|axes|axing|shedding|slashing|eliminate|eliminates|eliminating)(?= (?:[\w,.]+ ){0,2}(?:jobs|posts|roles))",
     "cut"),
    (r"cracks down on", "probe"),
    (r"ahead of schedule", "early"),
    (r"takes? over", "acquires"),
    (r"in talks", "talks"),
    (r"vote[sd]? for", "approves vote"),
    (r"vote[sd]? against", "opposes vote"),
    (r"pushe[sd] back|put(?:s)? off|runs? late", "delays"),
    (r"(?:plugs?|plugged) (?=\d)", "plug "),
    (r"(?:buy|overweight|outperform) rating", "upgrade"),
    (r"(?:sell|underweight|underperform) rating", "downgrade"),
)  # fmt: skip
