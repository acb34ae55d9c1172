"""Words that state facts (numbers, months, countries) and words that never do, in both languages.

Everything here is written as `core.text.fold` leaves it, and only read by `similarity_words`.
"""

_SIMPLE_NUMBERS = """
0 zero cero
1 one uno first primero primera primer
2 two dos second segundo segunda
3 three tres third tercero tercera tercer
4 four cuatro fourth cuarto cuarta
5 five cinco fifth quinto quinta
6 six seis sixth sexto sexta
7 seven siete seventh septimo septima
8 eight ocho eighth octavo octava
9 nine nueve ninth noveno novena
10 ten diez tenth decimo decima
11 eleven once eleventh undecimo undecima decimoprimera decimoprimero
12 twelve doce twelfth duodecimo duodecima decimosegunda decimosegundo
13 thirteen trece thirteenth decimotercero decimotercera decimotercer
14 fourteen catorce fourteenth decimocuarto decimocuarta
15 fifteen quince fifteenth decimoquinto decimoquinta
16 sixteen dieciseis sixteenth decimosexto decimosexta
17 seventeen diecisiete seventeenth decimoseptimo decimoseptima
18 eighteen dieciocho eighteenth decimoctavo decimoctava
19 nineteen diecinueve nineteenth decimonoveno decimonovena
20 twenty veinte twentieth vigesimo vigesima
21 veintiuno veintiun veintiuna vigesimoprimero vigesimoprimera
22 veintidos vigesimosegundo vigesimosegunda
23 veintitres vigesimotercero vigesimotercera
24 veinticuatro vigesimocuarto vigesimocuarta
25 veinticinco vigesimoquinto vigesimoquinta
26 veintiseis vigesimosexto vigesimosexta
27 veintisiete vigesimoseptimo vigesimoseptima
28 veintiocho vigesimoctavo vigesimoctava
29 veintinueve vigesimonoveno vigesimonovena
30 thirty treinta thirtieth trigesimo trigesima
40 forty cuarenta fortieth cuadragesimo cuadragesima
50 fifty cincuenta fiftieth quincuagesimo quincuagesima
60 sixty sesenta sixtieth sexagesimo sexagesima
70 seventy setenta seventieth septuagesimo septuagesima
80 eighty ochenta eightieth octogesimo octogesima
90 ninety noventa ninetieth nonagesimo nonagesima
100 hundred cien ciento centesimo centesima
200 doscientos doscientas
300 trescientos trescientas
400 cuatrocientos cuatrocientas
500 quinientos quinientas
600 seiscientos seiscientas
700 setecientos setecientas
800 ochocientos ochocientas
900 novecientos novecientas
1000 thousand mil
"""

_MONTHS = """
1 january jan enero
2 february feb febrero
3 march mar marzo
4 april apr abril
5 may mayo
6 june junio
7 july julio
8 august aug agosto
9 september sept sep septiembre setiembre
10 october oct octubre
11 november nov noviembre
12 december dec diciembre dic
"""

_WEEKDAYS = """
1 monday lunes
2 tuesday martes
3 wednesday miercoles
4 thursday jueves
5 friday viernes
6 saturday sabado
7 sunday domingo
"""

_COUNTRIES = """
AF afghanistan afganistan afghan afghans afgano afgana afganos afganas
AR argentina argentine argentinian argentinos argentino
BO bolivia bolivian bolivians boliviano boliviana bolivianos bolivianas
BR brazil brasil brazilian brazilians brasileño brasileña brasileños brasileñas
BT bhutan butan bhutanese
BZ belize belice belizean beliceño beliceños
CA canada canadian canadians canadiense canadienses
CD congo congolese congoleño congoleños
CL chile chilean chileans chileno chilena chilenos chilenas
CM cameroon camerun cameroonian cameroonians camerunes cameruneses
CN china chinese chino chinos chinas
CO colombia colombian colombians colombiano colombiana colombianos colombianas
CR costarricense costarricenses
CU cuba cuban cubans cubano cubana cubanos cubanas
DO dominicano dominicana dominicanos dominicanas dominican dominicans
EC ecuador ecuadorian ecuadorians ecuadorean ecuatoriano ecuatoriana ecuatorianos ecuatorianas
ER eritrea eritrean eritreans eritreo
ES spain españa spanish spaniards español española españoles
ET ethiopia etiopia ethiopian ethiopians etiope etiopes
GH ghana ghanaian ghanaians ghanes ghaneses
GT guatemala guatemalan guatemalans guatemalteco guatemalteca guatemaltecos guatemaltecas
HN honduras honduran hondurans hondureño hondureña hondureños hondureñas
HT haiti haitian haitians haitiano haitiana haitianos haitianas
IN india indian indians indio indios
IR iran iranian iranians irani iranies
IQ iraq irak iraqi iraqis iraqui iraquies
JM jamaica jamaican jamaicans jamaicano jamaicanos jamaiquino
JO jordan jordania jordanian
KE kenya kenia kenyan kenyans
LR liberia liberian liberians
LY libya libia libyan libyans libio libios
MM burma birmania myanmar burmese birmano
MX mexico mexican mexicans mexicano mexicana mexicanos mexicanas
NE niger nigerien
NG nigeria nigerian nigerians nigeriano nigerianos
NI nicaragua nicaraguan nicaraguans nicaraguense nicaraguenses
NP nepal nepalese nepali nepalies
PA panama panamanian panamanians panameño panameña panameños panameñas
PE peru peruvian peruvians peruano peruana peruanos peruanas
PY paraguay paraguayan paraguayo paraguayos
RU russia rusia russian russians ruso rusos
RW rwanda ruanda rwandan ruandes
SD sudan sudanese sudanes sudaneses
SN senegal senegalese senegales
SO somalia somali somalis
SV salvador salvadoran salvadorans salvadorean salvadoreño salvadoreña salvadoreños salvadoreñas
SY syria siria syrian syrians sirio sirios
SZ eswatini esuatini swaziland
TD chad chadian
UA ukraine ucrania ukrainian ukrainians ucraniano ucranianos
UG uganda ugandan ugandans ugandes
US us usa eeuu american americans estadounidense estadounidenses norteamericano norteamericana
UY uruguay uruguayan uruguayo uruguayos
VE venezuela venezuelan venezuelans venezolano venezolana venezolanos venezolanas
VN vietnam vietnamese vietnamita vietnamitas
YE yemen yemeni yemenis yemenies
AL albania albanian albanians
AM armenia armenian armenians armenio armenios
AO angola angolan angolans angoleño angoleños
AZ azerbaijan azerbaiyan
BD bangladesh bangladeshi bangladeshis
BF burkina burkinabe
BI burundi burundian
BJ benin beninese
BY belarus bielorrusia belarusian bielorruso
CF centroafricana
CI ivoirien marfileño
DJ djibouti yibuti
DM dominica
DZ algeria argelia algerian algerians argelino argelinos
EG egypt egipto egyptian egyptians egipcio egipcios
FJ fiji
FR france francia french frances franceses
GA gabon gabonese
GB britain british britanico britanicos
GE georgian georgians georgiano georgianos
GM gambia gambian gambians
GN guinea guinean guineans guineano guineanos
GQ ecuatoguineano ecuatoguineanos
GY guyana guyanese guyanes
ID indonesia indonesian indonesians indonesio indonesios
IL israel israeli israelis
IT italy italia italian italians italiano italianos
KG kyrgyzstan kirguistan kyrgyz
KH cambodia camboya cambodian cambodians camboyano camboyanos
KP norcoreano
KR surcoreano
KZ kazakhstan kazajistan
LA laos laotian laotians laosiano
LB lebanon libano lebanese libanes libaneses
MA morocco marruecos moroccan moroccans marroqui marroquies
MD moldova moldavia
MG madagascar
ML mali malian
MN mongolia mongolian
MR mauritania mauritanian mauritanians mauritano mauritanos
MW malawi
OM oman
PH philippines filipinas filipino filipinos
PK pakistan pakistani pakistanis
PL poland polonia
PS palestine palestina palestinian palestinians palestino palestinos
PT portugal portuguese portugues portugueses
QA qatar
RO romania rumania romanian romanians rumano rumanos
SR surinam suriname
SS sursudanes sursudaneses
TG togo togolese
TH thailand tailandia thai
TJ tajikistan tayikistan
TM turkmenistan
TN tunisia tunez tunisian tunecino
TR turkey turquia turkish turco turcos
TZ tanzania tanzanian
UZ uzbekistan uzbek uzbeks uzbeko uzbekos
XK kosovo
ZM zambia zambian
ZW zimbabwe zimbabwean
"""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _table(rows: str) -> dict[str, str]:
    return {word: row.split()[0] for row in rows.strip().splitlines() for word in row.split()[1:]}


NUMBERS = _table(_SIMPLE_NUMBERS)
MONTHS = _table(_MONTHS)
WEEKDAYS = _table(_WEEKDAYS)
COUNTRIES = _table(_COUNTRIES)

VERSUS = _set("v vs contra")

CAPITAL_ONLY = _set(
    """
may march mar us jordan chad jan feb apr aug oct nov dec sep sept second chile once china indio indios
turkey polish french mali lima
"""
)
"""These are facts only when capitalised: `may` is a verb, `us` a pronoun, `once` an adverb.

`second` and `once` read as numbers too often are worse than not at all.
"""

FUNCTION = _set(
    """
a about above according across after again against all along also although always amid among an and
another any are around as asked at back be because been before being below besides between both but by
can citing could did do does down during each either even every far few following for from further had
has have having he her here hers him his how however i if in including indeed inside instead into is it
its itself just last later least less like many may meanwhile more moreover most much must near nearly
neither never nevertheless no none nor not nothing now of off officials on once only or other others our
out outside over own past perhaps people per police rather said several she should since so some still
such than that the their them then there therefore these they this those though through throughout thus
to today together tomorrow too toward two under unless until up upon very was we were what when where
whether which while who whom whose why will with within without would yesterday yet you your al algo
alguien alguna algunas alguno algunos ambos ante antes aquel aquella aquellos asi aun aunque ayer bajo
cada casi como con contra cual cuales cualquier cuando cuanto cuyo de debe debido del desde despues donde
dos durante e el ella ellas ellos en entre era eran es esa esas ese eso esos esta estaba estan estas este
esto estos fue fueron ha habia habian hace hacia han hasta hay hoy incluso la las le les lo los luego mas
me mediante mientras mientra muchas muchos muy nadie ni ningun ninguna nos nosotros nuestra nuestro nunca
o otra otras otro otros para pero poco por porque pues que quien quienes se sea segun ser si sido siempre
sin sino sobre solo son su sus tal tambien tampoco tan tanto tienen toda todas todo todos tras u un una
unas uno unos ya y yo
"""
)
"""Words that start sentences and say nothing about who or where."""

GENERIC = _set(
    """
mr mrs ms miss dr sr sra srta don doña lic ing gen col capt sgt lt gov sen rep hon st jr ii president
presidente presidenta vice vicepresident vicepresidente minister ministro ministra ministry ministerio
secretary secretario secretaria secretariat department departamento dept director directora general
attorney prosecutor fiscal fiscalia judge juez jueza justice justicia court corte tribunal juzgado chief
jefe jefa officer agent agents sheriff mayor alcalde alcaldesa governor gobernador senator senador
representative diputado diputada congress congreso senate senado house assembly asamblea legislative
legislativa government gobierno administration administracion office oficina agency agencia bureau
commission comision committee comite council consejo national nacional federal state estado states
republic republica interior security seguridad public publica district distrito county city ciudad town
university universidad institute instituto organization organizacion foundation fundacion association
asociacion center centre centro facility prison penal carcel penitenciaria decree decreto article
articulo law ley act order orden section seccion number numero no num exp press prensa news noticias
noticia spokesman spokeswoman spokesperson portavoz vocero vocera the el la los las associated reuters ap
afp efe acan dpa xinhua ansa bbc cnn confinamiento terrorismo terrorism confinement cecot homeland
immigration customs enforcement border protection human rights watch derechos humanos white casa blanca
supreme suprema supremo united nations naciones unidas unidos international internacional inmigracion
migracion aduanas control detainee detainees migrant migrants immigrant immigrants man woman men women
hombre mujer person persons
"""
)
"""Offices, institutions and agencies: copy editors exchange them without any fact changing."""

WELL_KNOWN = _set(
    """
trump donald biden joe bukele nayib noem kristi homan tom rubio marco bondi pam miller stephen maduro
nicolas obama harris kamala sheinbaum petro ice dhs doj cbp uscis eoir fbi cia tps daca cecot un onu oea
oas cidh iachr hrw aclu amnesty international cristosal human rights watch derechos humanos washington
texas florida california immigration customs enforcement homeland border patrol supreme white casa blanca
san salvador estados unidos united nations naciones unidas aragua tren de ms mara salvatrucha barrio
regimen excepcion emergency exception migracion extranjeria policia civil pnc pddh fgr idhuca socorro
juridico humanitario english spanish
"""
)
"""Names that stand in most reports of this field: sharing them says nothing about one event."""
