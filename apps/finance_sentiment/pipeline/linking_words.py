"""Words around a doubtful name that tell a company from an ordinary word. Written for this project; knows no company.

What a name's next word, its neighbourhood and the whole text may say; `linking_doubt` gives each its weight.
"""

LEGAL = frozenset("inc corp corporation plc ltd limited co company sa ag se nv group holdings llc kgaa".split())

DOES = frozenset(  # what headlines let companies do, right behind the name
    """accepts acquires acquire adds agrees agreed aims announces announced appoints appointed approves asks axes backs
    bags beats beat bets boosts borrows bought braces buys buy cancels cancelled claims climbs climbed closes
    closed completes confirms considers continues crash crashes cut cuts cutting debuts declares defends delays
    delivers denies denied dips dipped disappoints doubles downgraded drops dropped earns eases edges ends
    enters evacuates expands expects explores extends faces falls fell fights files filed finds fires fined
    forecasts freezes gains gained gets gives grew grows guides halts halves hikes hires hit hits holds inks
    introduces invests invested issues joins jumps jumped keeps launches launched lays leads leaps leapt lifts
    lists logs lost loses lowers makes merges misses missed names named narrows offers opens outlines
    outperforms outsells outsold overtakes owns partners pauses pays plans pledges pledged plunges plunged posts
    posted predicts prepares profit profits promotes proposes pulls pushes raises raised rallies reaches
    rebounds recalls recalled reduces rejects reopens replaces reports reported restructures resumes returns
    reveals rises ripping rolls rose sacks said says scraps seeks sees sells sell sets settles settled signs
    sinks slashes slashed slides slid slips slipped slumps soars soared sold spends spins splits starts steps
    stops strikes struck sued sues sues surges surged suspends swings takes targets tells tests tops trails
    trims trimmed tumbles tumbled unveils unveiled upgraded upgrades urges uses wants warned warns weighs widens
    wins won withdraws""".split()
)

MONEY = frozenset(  # words of business and markets, anywhere near
    """analyst analysts antitrust backlog bookings bond bonds business buyback capex capital ceo cfo chief chairman
    company customers deal debt deliveries demand dividend downgrade earnings ebitda eps equity executive
    executives factory fiscal forecast forecasts guidance gross income investors investor invest ipo layoffs
    loss losses margin margins market merger net operating orders outlook output overweight ownership owner
    parent payout percent pre-market premarket price profit profits quarter quarterly q1 q2 q3 q4 rating recall
    regulators restructuring results retailer revenue revenues rival rivals sales share shareholders shares
    spending spin-off spinoff staff stake startup stock stocks store stores strategy subsidiary supplier
    suppliers takeover trading turnaround underweight unit units valuation venture workers carrier insurer
    lender bank utility maker automaker chipmaker brewer drugmaker airline group plant plants crore restructures
    fine fined lawsuit""".split()
)

NEXT_NOUNS = frozenset(  # behind the name as a compound: "Visa shares", "Ford CEO"
    """ceo cfo chief chair chairman boss shares stock bonds profit profits earnings revenue revenues sales results
    margin margins guidance outlook dividend executives executive shareholders investors workers staff employees
    stores plant plants factory suppliers supplier deliveries unit owner parent customers subsidiary deal deals
    stake spokesman spokesperson spokeswoman founder cofounder board management union forecast quarterly q1 q2
    q3 q4 fy net operating volumes volume premiums bookings backlog cloud""".split()
)

ACTED_ON = frozenset(  # right before the name: what is done to companies, and what they are called
    """acquire acquires against at buy buys by fine fines fined giant owner parent retailer maker automaker insurer
    lender rival rivals sue sues sued supplier suppliers with like behind bets downgrades upgrades backs hits
    airline carrier chipmaker drugmaker telecom miner brewer versus vs short long own owns owning owned
    investigates probes charges ceo""".split()
)

DETERMINERS = frozenset(
    """a an the this that these those his her my your our their its no any each every some another one two
    three""".split()
)

MODALS = frozenset("is was will would could may might must should has had can".split())

PRONOUNS = frozenset("i you he she we they it who to please lets let".split())
"""Before a word that may be a verb: "to target", "who block"."""

FIRST_NAMES = frozenset(
    """adam alan albert alex alexander alice amy andrew angela ann anna anne anthony barbara ben bernard betty bill bob
    brad brian carl carol catherine charles charlie chris christine christopher daniel david dennis diana diane
    donald dorothy doug douglas dr ed edward elizabeth emily emma eric frank fred gary george gerald gordon
    grace greg harold harrison harry helen henry jack jackie james jane janet jason jean jennifer jeremy jessica
    jim joan joe john jonathan jose joseph joshua judge judy julia julie justice justin karen kate katherine
    keith kelly ken kenneth kevin larry laura lauren lee lewis linda lisa louis lucy margaret maria marie mark
    martha martin mary matt matthew maxine megan melissa michael michelle miguel mike mr mrs ms nancy naomi
    nathan nick nicole nikola oliver oscar pamela patricia patrick paul peter phil philip rachel ralph ray
    rebecca richard rob robert robin rod roger ron ronald rose roy russell ruth ryan sam samuel sandra sarah
    scott sean serena sharon sheryl simon sophie stanley stephanie stephen steve steven stuart sue susan tara
    ted teresa terry theresa thomas tim timothy todd tom tony tyler vanessa venus victoria vincent virginia
    walter wayne william zach senator president governor sir lord saint king queen prince princess professor""".split()
)
