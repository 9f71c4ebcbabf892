"""Messages as customers type them, written for these tests alone: what is personal stands in braces, with its type.

Every second one (0, 2, 4, …) may be looked at while patterns and training messages are written; the others report. What
has no braces is a trap: product names, months, prices, counts, model numbers, capitals at the start.
"""

import re

WRITTEN = r"""
hi im {jonas|PERSON} from berlin, wheres my stuff
hey this is {aisha khan|PERSON}, order {TR-4482910|ID} came broken
yo its {mike|PERSON} again. still nothing
my names {Siobhan O'Connor|PERSON} and ive been double charged
hello i am {Priya|PERSON}, got a question bout my bill
{Lena Hoffmann|PERSON} here, I'd like to change my address to {Gartenweg 14, 04275 Leipzig|STREET_ADDRESS}
can u send it to {22 Maple Avenue|STREET_ADDRESS} instead?? thx
new adress is {47b high street|STREET_ADDRESS}, rest stays the same
we live at {9 Rosewood Close|STREET_ADDRESS} and the courier went to {19 Rosewood Close|STREET_ADDRESS}
pls deliver to my office: {1200 Industrial Blvd, Suite 300|STREET_ADDRESS}
mail me at {j.doe_77@posteo.net|EMAIL_ADDRESS} pls
wrong mail, should be {tom+shop@mail.example.co.uk|EMAIL_ADDRESS}!!
My email's {nora.b@uni-example.edu|EMAIL_ADDRESS}. Still no confirmation.
ring me on {07911 123456|PHONE_NUMBER} after 5
tel {030 / 901820|PHONE_NUMBER}
my cell is {(415) 555-0132|PHONE_NUMBER}, text is fine too
call {+49 151 23456789|PHONE_NUMBER} not {+49 30 1234567|PHONE_NUMBER}
u can whatsapp me {+34 612 34 56 78|PHONE_NUMBER}
card {4111 1111 1111 1111|CREDIT_CARD} got declined twice
why was {5500005555555559|CREDIT_CARD} charged 3 times
amex {3782-822463-10005|CREDIT_CARD} expired last month
refund goes to {DE89 3704 0044 0532 0130 00|IBAN_CODE}
iban is {gb82west12345698765432|IBAN_CODE} name {Paul Weston|PERSON}
your page {https://shop.example.com/checkout?step=2|DOMAIN_NAME} hangs
got a weird link: {www.paket-verfolgen.example.info/abc|DOMAIN_NAME}
login from {203.0.113.54|IP_ADDRESS} wasnt me
router says {2001:db8::8a2e:370:7334|IP_ADDRESS}
my ssn is {219-09-9999|US_SSN} do u need that
social security number {536 90 4399|US_SSN}
ordered on {3rd of may|DATE_TIME}, today it says delayed
born {14.02.1987|DATE_TIME}
bought it {2025-11-30|DATE_TIME}, broke in a week
dob {7/9/91|DATE_TIME} zip {94110|ZIP_CODE}
The appointment on {12 March|DATE_TIME} doesn't work for me.
can we move it to {June 21st, 2026|DATE_TIME}?
customer no. {88213047|ID}
order number is {100-2239-881|ID} and nobody answers
invoice {INV-2025-00417|ID} has the wrong vat
my tracking number {1Z999AA10123456784|ID} shows nothing
policy number {PX5530912|ID}, claim denied, why
thanks {sarah|PERSON} u were super helpful
Thanks so much, {Dimitri|PERSON}!
Dear Ms. {Okafor|PERSON}, I still have no answer.
spoke w/ {kevin|PERSON} on the phone he was rude
is {Fatima|PERSON} from billing in today?
my husband {Luca Bianchi|PERSON} placed the order
add my daughter {Emma|PERSON} to the plan
the parcel was handed to a neighbour called {Wojtek|PERSON}
its under my moms name, {Ingrid Solberg|PERSON}
I'd like to speak to Mr {Tanaka|PERSON} again
first name {Anna|PERSON} last name {Lindqvist|PERSON}
Regards,\n{Mehmet Yilmaz|PERSON}
cheers\n{ben|PERSON}
Best,\n{Chloé Martin|PERSON}\n{06 12 34 56 78|PHONE_NUMBER}
agent: whats your name\nme: {oluwaseun adeyemi|PERSON}
Name: {Hana Nováková|PERSON}, e-mail: {hana.n@seznam.example.cz|EMAIL_ADDRESS}
im {34|AGE} years old and never had this problem
who the heck is {Brad Pittsley|PERSON}, he is on my invoice
sent 50 quid to {dave hughes|PERSON} but he didnt get it
please cancel {Marta Kowalska|PERSON}'s subscription
does the iphone 15 pro max fit the magsafe wallet
my galaxy s24 ultra wont charge
is the WH-1000XM5 cheaper than last week
the Bosch Serie 6 dishwasher is loud
Nespresso Vertuo or Dolce Gusto, which pods fit
the Dyson V15 has no suction
i ordered 2 chairs and 1 table, got 3 chairs
that's 149.99 not 139.99
price was 1,299 now 1,499
may i exchange it without receipt
will you march the price down in may
does the sale start in august or september
April showers bedding set, is it cotton?
do you ship to norway and switzerland
Can I use my card in Japan?
we're in Manchester, any store near?
I paid with Apple Pay at Tesco
Lloyds rejected the transfer
PayPal and Klarna both fail
UPS says it was delivered, it wasnt
how do i turn on Dark Mode in Settings
Where Can I Find My Invoices?
MY ORDER IS LATE AND NOBODY CARES
THANK YOU FOR NOTHING
i'm furious
Im so done with this
This is Ridiculous
hello? anyone?
hi there team
Dear Sir or Madam,
Dear Support Team, my account is locked.
Kind regards
thanks in advance
call me back asap
can you call me an idiot one more time
error 0x800f0922 on update
app version 5.12.0 crashes
firmware v1.2.3.4 bricked it
it's 12 cm too long and 3.5 kg too heavy
take 20% off with code SUMMER20
is 24/7 support included in Plan B
i have been waiting 45 minutes
open from 9 to 5?
my 3 year old broke it
the 10 year warranty covers that right
Will Smith-style jokes aside, the remote is dead?
the rose gold one please
is the jasmine scent back
do the Chelsea boots run small
Mark as paid please
to be frank, disappointed
grant me access please
the bill was wrong
Is there a Gold or Platinum membership?
how many points until Silver
The Oslo sofa or the Malmo one?
do you have the Billy shelf in oak
is the Emma mattress in stock
a pair of Stan Smiths in 43
my Kitchen Aid mixer smells burnt
Amazon sells it for 20 less
did the Black Friday deal end
it says Payment Pending since forever
what's your opening hours on bank holidays
size 10, width D, colour Navy Blue
I need 100 units by week 32
two of the twelve glasses were cracked
order of operations in the manual is wrong
your street team gave me a voucher
drive 3 miles to the store? no thanks
item arrived 2 days late
"""


def messages() -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Each text, with what is personal in it."""
    return [_read(line.replace("\\n", "\n")) for line in WRITTEN.strip().splitlines()]


def _read(line: str) -> tuple[str, list[tuple[int, int, str]]]:
    text, marks, at = "", [], 0
    for match in re.finditer(r"\{([^|}]*)\|(\w+)\}", line):
        text += line[at : match.start()]
        marks.append((len(text), len(text) + len(match[1]), match[2]))
        text, at = text + match[1], match.end()
    return text + line[at:], marks


def to_look_at() -> list[tuple[str, list[tuple[int, int, str]]]]:
    """For choosing."""
    return messages()[::2]


def to_report() -> list[tuple[str, list[tuple[int, int, str]]]]:
    """For figures that are published."""
    return messages()[1::2]
