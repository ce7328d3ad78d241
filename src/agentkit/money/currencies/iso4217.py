"""The facts of ISO 4217: codes, numbers, minor units and names, current and withdrawn.

Source: list one (current, published 2024-06-25) and list three (withdrawn) of the ISO 4217 maintenance agency, SIX, in
the public domain edition of https://github.com/datasets/currency-codes, which carries list three further than list one.

Corrections to list one of 2024-06-25, each with the day from which it holds:

- 2021-06: CUC, the convertible peso of Cuba, is withdrawn; list three says so, list one still has it.
- 2025-03-31: XCG, the Caribbean guilder of Curaçao and Sint Maarten, takes the place of ANG, and its number, 532.
- 2025-05-12: XAD, the Arab accounting dinar, is new.
- 2026-01-01: BGN is withdrawn; Bulgaria pays in EUR.

ZWG, the Zimbabwe gold, is in list one of 2024-06-25 already; ZWL was withdrawn with the end of August 2024.

List three has no minor units. Those below are the ones that a code had while it was current, as far as editions of list
one since 2000 say so; a `-` means that none is known here, and such a code cannot hold an amount before it is
registered with its minor units.
"""

from __future__ import annotations

from typing import Final

__all__ = ["CASH_STEPS", "CURRENT", "DATA_VERSION", "WITHDRAWN"]

DATA_VERSION: Final = "2024-06-25+2026-01-01"
"""The publication date of list one, and the date of the newest correction to it."""

CASH_STEPS: Final = {
    "AUD": "0.05",
    "CAD": "0.05",
    "CHF": "0.05",
    "CLP": "10",
    "CZK": "1",
    "DKK": "0.50",
    "HUF": "5",
    "ILS": "0.10",
    "MYR": "0.05",
    "NOK": "1",
    "NZD": "0.10",
    "SEK": "1",
}
"""What cash can pay, where a rule for the whole currency says so. No fact of ISO 4217: central banks publish them.

EUR is not among them: some of its countries round to 0.05, others do not.
"""

# Code, number, minor units (`-`: not defined), name.
CURRENT: Final = """\
AED 784 2 UAE Dirham
AFN 971 2 Afghani
ALL 008 2 Lek
AMD 051 2 Armenian Dram
AOA 973 2 Kwanza
ARS 032 2 Argentine Peso
AUD 036 2 Australian Dollar
AWG 533 2 Aruban Florin
AZN 944 2 Azerbaijan Manat
BAM 977 2 Convertible Mark
BBD 052 2 Barbados Dollar
BDT 050 2 Taka
BHD 048 3 Bahraini Dinar
BIF 108 0 Burundi Franc
BMD 060 2 Bermudian Dollar
BND 096 2 Brunei Dollar
BOB 068 2 Boliviano
BOV 984 2 Mvdol
BRL 986 2 Brazilian Real
BSD 044 2 Bahamian Dollar
BTN 064 2 Ngultrum
BWP 072 2 Pula
BYN 933 2 Belarusian Ruble
BZD 084 2 Belize Dollar
CAD 124 2 Canadian Dollar
CDF 976 2 Congolese Franc
CHE 947 2 WIR Euro
CHF 756 2 Swiss Franc
CHW 948 2 WIR Franc
CLF 990 4 Unidad de Fomento
CLP 152 0 Chilean Peso
CNY 156 2 Yuan Renminbi
COP 170 2 Colombian Peso
COU 970 2 Unidad de Valor Real
CRC 188 2 Costa Rican Colon
CUP 192 2 Cuban Peso
CVE 132 2 Cabo Verde Escudo
CZK 203 2 Czech Koruna
DJF 262 0 Djibouti Franc
DKK 208 2 Danish Krone
DOP 214 2 Dominican Peso
DZD 012 2 Algerian Dinar
EGP 818 2 Egyptian Pound
ERN 232 2 Nakfa
ETB 230 2 Ethiopian Birr
EUR 978 2 Euro
FJD 242 2 Fiji Dollar
FKP 238 2 Falkland Islands Pound
GBP 826 2 Pound Sterling
GEL 981 2 Lari
GHS 936 2 Ghana Cedi
GIP 292 2 Gibraltar Pound
GMD 270 2 Dalasi
GNF 324 0 Guinean Franc
GTQ 320 2 Quetzal
GYD 328 2 Guyana Dollar
HKD 344 2 Hong Kong Dollar
HNL 340 2 Lempira
HTG 332 2 Gourde
HUF 348 2 Forint
IDR 360 2 Rupiah
ILS 376 2 New Israeli Sheqel
INR 356 2 Indian Rupee
IQD 368 3 Iraqi Dinar
IRR 364 2 Iranian Rial
ISK 352 0 Iceland Krona
JMD 388 2 Jamaican Dollar
JOD 400 3 Jordanian Dinar
JPY 392 0 Yen
KES 404 2 Kenyan Shilling
KGS 417 2 Som
KHR 116 2 Riel
KMF 174 0 Comorian Franc
KPW 408 2 North Korean Won
KRW 410 0 Won
KWD 414 3 Kuwaiti Dinar
KYD 136 2 Cayman Islands Dollar
KZT 398 2 Tenge
LAK 418 2 Lao Kip
LBP 422 2 Lebanese Pound
LKR 144 2 Sri Lanka Rupee
LRD 430 2 Liberian Dollar
LSL 426 2 Loti
LYD 434 3 Libyan Dinar
MAD 504 2 Moroccan Dirham
MDL 498 2 Moldovan Leu
MGA 969 2 Malagasy Ariary
MKD 807 2 Denar
MMK 104 2 Kyat
MNT 496 2 Tugrik
MOP 446 2 Pataca
MRU 929 2 Ouguiya
MUR 480 2 Mauritius Rupee
MVR 462 2 Rufiyaa
MWK 454 2 Malawi Kwacha
MXN 484 2 Mexican Peso
MXV 979 2 Mexican Unidad de Inversion (UDI)
MYR 458 2 Malaysian Ringgit
MZN 943 2 Mozambique Metical
NAD 516 2 Namibia Dollar
NGN 566 2 Naira
NIO 558 2 Cordoba Oro
NOK 578 2 Norwegian Krone
NPR 524 2 Nepalese Rupee
NZD 554 2 New Zealand Dollar
OMR 512 3 Rial Omani
PAB 590 2 Balboa
PEN 604 2 Sol
PGK 598 2 Kina
PHP 608 2 Philippine Peso
PKR 586 2 Pakistan Rupee
PLN 985 2 Zloty
PYG 600 0 Guarani
QAR 634 2 Qatari Rial
RON 946 2 Romanian Leu
RSD 941 2 Serbian Dinar
RUB 643 2 Russian Ruble
RWF 646 0 Rwanda Franc
SAR 682 2 Saudi Riyal
SBD 090 2 Solomon Islands Dollar
SCR 690 2 Seychelles Rupee
SDG 938 2 Sudanese Pound
SEK 752 2 Swedish Krona
SGD 702 2 Singapore Dollar
SHP 654 2 Saint Helena Pound
SLE 925 2 Leone
SOS 706 2 Somali Shilling
SRD 968 2 Surinam Dollar
SSP 728 2 South Sudanese Pound
STN 930 2 Dobra
SVC 222 2 El Salvador Colon
SYP 760 2 Syrian Pound
SZL 748 2 Lilangeni
THB 764 2 Baht
TJS 972 2 Somoni
TMT 934 2 Turkmenistan New Manat
TND 788 3 Tunisian Dinar
TOP 776 2 Pa\u2019anga
TRY 949 2 Turkish Lira
TTD 780 2 Trinidad and Tobago Dollar
TWD 901 2 New Taiwan Dollar
TZS 834 2 Tanzanian Shilling
UAH 980 2 Hryvnia
UGX 800 0 Uganda Shilling
USD 840 2 US Dollar
USN 997 2 US Dollar (Next day)
UYI 940 0 Uruguay Peso en Unidades Indexadas (UI)
UYU 858 2 Peso Uruguayo
UYW 927 4 Unidad Previsional
UZS 860 2 Uzbekistan Sum
VED 926 2 Bolívar Soberano
VES 928 2 Bolívar Soberano
VND 704 0 Dong
VUV 548 0 Vatu
WST 882 2 Tala
XAD 396 2 Arab Accounting Dinar
XAF 950 0 CFA Franc BEAC
XAG 961 - Silver
XAU 959 - Gold
XBA 955 - Bond Markets Unit European Composite Unit (EURCO)
XBB 956 - Bond Markets Unit European Monetary Unit (E.M.U.-6)
XBC 957 - Bond Markets Unit European Unit of Account 9 (E.U.A.-9)
XBD 958 - Bond Markets Unit European Unit of Account 17 (E.U.A.-17)
XCD 951 2 East Caribbean Dollar
XCG 532 2 Caribbean Guilder
XDR 960 - SDR (Special Drawing Right)
XOF 952 0 CFA Franc BCEAO
XPD 964 - Palladium
XPF 953 0 CFP Franc
XPT 962 - Platinum
XSU 994 - Sucre
XTS 963 - Codes specifically reserved for testing purposes
XUA 965 - ADB Unit of Account
XXX 999 - The codes assigned for transactions where no currency is involved
YER 886 2 Yemeni Rial
ZAR 710 2 Rand
ZMW 967 2 Zambian Kwacha
ZWG 924 2 Zimbabwe Gold
"""

# Code, number, minor units, date of withdrawal (a slash: some time between), name.
WITHDRAWN: Final = """\
ADP 020 0 2003-07 Andorran Peseta
AFA 004 2 2003-01 Afghani
ALK 008 - 1989-12 Old Lek
ANG 532 2 2025-03 Netherlands Antillean Guilder
AOK 024 - 1991-03 Kwanza
AON 024 - 2000-02 New Kwanza
AOR 982 - 2000-02 Kwanza Reajustado
ARA 032 - 1992-01 Austral
ARP 032 - 1985-07 Peso Argentino
ARY 032 - 1989/1990 Peso
ATS 040 2 2002-03 Schilling
AYM 945 2 2005-10 Azerbaijan Manat
AZM 031 2 2005-12 Azerbaijanian Manat
BAD 070 - 1998-07 Dinar
BEC 993 - 1990-03 Convertible Franc
BEF 056 0 2002-03 Belgian Franc
BEL 992 - 1990-03 Financial Franc
BGJ 100 - 1989/1990 Lev A/52
BGK 100 - 1989/1990 Lev A/62
BGL 100 2 2003-11 Lev
BGN 975 2 2026-01 Bulgarian Lev
BOP 068 - 1987-02 Peso boliviano
BRB 076 - 1986-03 Cruzeiro
BRC 076 - 1989-02 Cruzado
BRE 076 - 1993-03 Cruzeiro
BRN 076 - 1990-03 New Cruzado
BRR 987 - 1994-07 Cruzeiro Real
BUK 104 - 1990-02 Kyat
BYB 112 0 2001-01 Belarusian Ruble
BYR 974 0 2017-01 Belarusian Ruble
CHC 948 - 2004-11 WIR Franc (for electronic)
CSD 891 2 2006-10 Serbian Dinar
CSJ 203 - 1989/1990 Krona A/53
CSK 200 - 1993-03 Koruna
CUC 931 2 2021-06 Peso Convertible
CYP 196 2 2008-01 Cyprus Pound
DDM 278 - 1990-07/1990-09 Mark der DDR
DEM 276 2 2002-03 Deutsche Mark
ECS 218 - 2000-09 Sucre
ECV 983 - 2000-09 Unidad de Valor Constante (UVC)
EEK 233 2 2011-01 Kroon
ESA 996 - 1978/1981 Spanish Peseta
ESB 995 - 1994-12 "A" Account (convertible Peseta Account)
ESP 724 0 2002-03 Spanish Peseta
FIM 246 2 2002-03 Markka
FRF 250 2 2002-03 French Franc
GEK 268 - 1995-10 Georgian Coupon
GHC 288 2 2008-01 Cedi
GHP 939 - 2007-06 Ghana Cedi
GNE 324 - 1989-12 Syli
GNS 324 - 1986-02 Syli
GQE 226 - 1986-06 Ekwele
GRD 300 0 2002-03 Drachma
GWE 624 - 1978/1981 Guinea Escudo
GWP 624 - 1997-05 Guinea-Bissau Peso
HRD 191 - 1995-01 Croatian Dinar
HRK 191 2 2023-01 Kuna
IEP 372 2 2002-03 Irish Pound
ILP 376 - 1978/1981 Pound
ILR 376 - 1989/1990 Old Shekel
ISJ 352 - 1989/1990 Old Krona
ITL 380 0 2002-03 Italian Lira
LAJ 418 - 1979-12 Pathet Lao Kip
LSM 426 - 1985-05 Loti
LTL 440 2 2014-12 Lithuanian Litas
LTT 440 - 1993-07 Talonas
LUC 989 - 1990-03 Luxembourg Convertible Franc
LUF 442 0 2002-03 Luxembourg Franc
LUL 988 - 1990-03 Luxembourg Financial Franc
LVL 428 2 2014-01 Latvian Lats
LVR 428 - 1994-12 Latvian Ruble
MGF 450 0 2004-12 Malagasy Franc
MLF 466 - 1984-11 Mali Franc
MRO 478 2 2017-12 Ouguiya
MTL 470 2 2008-01 Maltese Lira
MTP 470 - 1983-06 Maltese Pound
MVQ 462 - 1989-12 Maldive Rupee
MXP 484 - 1993-01 Mexican Peso
MZE 508 - 1978/1981 Mozambique Escudo
MZM 508 2 2006-06 Mozambique Metical
NIC 558 - 1990-10 Cordoba
NLG 528 2 2002-03 Netherlands Guilder
PEH 604 - 1989/1990 Sol
PEI 604 - 1991-07 Inti
PES 604 - 1986-02 Sol
PLZ 616 - 1997-01 Zloty
PTE 620 0 2002-03 Portuguese Escudo
RHD 716 - 1978/1981 Rhodesian Dollar
ROK 642 - 1989/1990 Leu A/52
ROL 642 2 2005-06 Old Leu
RUR 810 2 2004-01 Russian Ruble
SDD 736 2 2007-07 Sudanese Dinar
SDP 736 - 1998-06 Sudanese Pound
SIT 705 2 2007-01 Tolar
SKK 703 2 2009-01 Slovak Koruna
SLL 694 2 2023-12 Leone
SRG 740 2 2003-12 Surinam Guilder
STD 678 2 2017-12 Dobra
SUR 810 - 1990-12 Rouble
TJR 762 - 2001-04 Tajik Ruble
TMM 795 2 2009-01 Turkmenistan Manat
TPE 626 0 2002-11 Timor Escudo
TRL 792 0 2005-12 Old Turkish Lira
UAK 804 - 1996-09 Karbovanet
UGS 800 - 1987-05 Uganda Shilling
UGW 800 - 1989/1990 Old Shilling
USS 998 2 2014-03 US Dollar (Same day)
UYN 858 - 1989-12 Old Uruguay Peso
UYP 858 - 1993-03 Uruguayan Peso
VEB 862 2 2008-01 Bolivar
VEF 937 2 2018-08 Bolívar
VNC 704 - 1989/1990 Old Dong
XEU 954 - 1999-01 European Currency Unit (E.C.U)
XFO - - 2006-10 Gold-Franc
XFU - - 2013-11 UIC-Franc
XRE - - 1999-11 RINET Funds Code
YDD 720 - 1991-09 Yemeni Dinar
YUD 890 - 1990-01 New Yugoslavian Dinar
YUM 891 2 2003-07 New Dinar
YUN 890 - 1995-11 Yugoslavian Dinar
ZAL 991 - 1995-03 Financial Rand
ZMK 894 2 2012-12 Zambian Kwacha
ZRN 180 - 1999-06 New Zaire
ZRZ 180 - 1994-02 Zaire
ZWC 716 - 1989-12 Rhodesian Dollar
ZWD 716 2 2008-08 Zimbabwe Dollar
ZWL 932 2 2024-09 Zimbabwe Dollar
ZWN 942 2 2006-09 Zimbabwe Dollar (new)
ZWR 935 2 2009-06 Zimbabwe Dollar
"""
