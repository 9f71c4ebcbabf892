"""Words that are frequent in headlines, whatever happened. Written for this project."""

COMMON = frozenset(
    """a about after again air all amid an analyst analysts and another are around as asks at bank banks be
    because before big billion board bond bonds but by can ceo chain chairman chip city coal company continues
    could crisis day debt demand despite director dividend dollar economy effect energy ev executive expects
    extra fears faces file files first for founder from fund funds further gas gets gives global gold
    government group has have hits hit holiday home house how if in increase index industry into is it its key
    largest last latest loan maker market markets may million month months more morning most move moves near
    no north not number of off oil on one online open operations or order orders out output over own per
    percent point points power prepares put record report reports result results retailer return returns rival
    rules said san say says second sector see seeks sees senior set shows since six some south still supply
    support system take takes tell tells than that the their they third this three to today top trade trading
    two unit until up use very want wants was watch week weeks what when which while who why will with workers
    world would yen you your euro euros pound pounds dollar dollars francs mln bln bn per cent pct percent
    next against among between during like just only than then there these those under without within own
    early late airline airlines airport bookings bread brewer bridge build cards central chemicals chief
    children christmas club collapse concerns copper cost costs country court crude customers cyclone data
    deliveries depot design diagnosis dispute drought drop earthquake economy election electric emissions
    engine engineers ex exchange export exports farm fashion fee fees film flight flights flood food football
    fraud freight fuel grid growth harvest heat hedge hospital hotel hurricane impact insider insurer interest
    interim iron judge lender letter lithium luxury mine miner mines mining minister model mortgage motorway
    music network opposition passenger passengers pension phone pilot pilots pipeline police policy port ports
    president producer production project property quarry railway rate rates refinery research reserve
    restaurant review risk road rocket safety satellite savings season security self shop shops short small
    smaller software solar space spirit spring state states steel storm strategy summer supplier suppliers
    surprise tariff tariffs tax team telecom test tests threat ticket tobacco tourism tower toy toys train
    trains transcript travel truck trucks unions utility volcano vote votes warehouse water weather wheat
    whistleblower winter work yard yards auditor auditors hundreds thousands millions passengers shipyard
    workers washington closing morning weekly daily top movers preview briefing stocks insider law firm why is
    hearing rate shipping option options traders net asset value trending tickers pre-market profit sewage
    orders regulator judge whistleblower cruise data drug fda strike explosion hedge drugmaker carmaker
    automaker chipmaker update updates roundup wrap founder study tariffs clients investor shipyard cyclone
    salmonella""".split()
)
