# Copyright 2026 The policy_gen_ros authors
# SPDX-License-Identifier: MIT
#
# Use of this source code is governed by an MIT-style license that can be found in the LICENSE
# file or at https://opensource.org/licenses/MIT.

"""
Words for rest in many languages: data of :mod:`policy_gen_ros.goal.lexicon`.

Entries are regular expressions, parted by ``|``, written as people write; they are compared after
:func:`policy_gen_ros.goal.lexicon.fold`, so accents, capitals, hyphens and apostrophes do not
matter. Unspaced scripts stand apart, as they know no word boundaries.
"""

from __future__ import annotations

from policy_gen_ros.goal.intents import Intent

ANYWHERE: dict[Intent, tuple[str, ...]] = {
    Intent.EMERGENCY: (
        r'e stop\w*|estop\w*|emergenc\w+|abort\w*|mayday|panic|sos|danger|kill ?switch|scram',
        r'(?:kill|cut|drop|disable|disengage) (?:\w+ ){0,2}(?:power|motors?|torque|actuators?|'
        'engines?|it|everything)|(?:hit|press|push) (?:the )?(?:red|big|panic) (?:\\w+ )?button',
        r'not ?halt|not ?aus|not ?stopp?|not ?fall|notfall\w*|notbrems\w*|abbr(?:uch|echen)|'
        'brich ab|gefahr',
        r"urgence\w*|avorte\w*|coupe (?:tout|le moteur|les moteurs|le courant)|interromps tout",
        r'emergencia\w*|aborta\w*|abortar|peligro|corta (?:la )?(?:corriente|energia|potencia)',
        r'emergenz\w*|annulla tutto|interrompi tutto|pericolo|togli (?:la )?corrente',
        r'emerg[êe]ncia\w*|perigo|corta a energia|desliga os motores',
        r'nood|noodstop\w*|noodgeval|noodsituatie|afbreken|breek af|gevaar',
        r'n[öo]dl[äa]ge\w*|n[öo]dstopp?\w*|nödbroms\w*|nödsituation\w*|avbryt\w*',
        r'awari\w+|awaryjn\w+|przerwij|alarmowe?|niebezpieczenstw\w*|zagrozenie',
        r'acil\w*|imdat|iptal\w*|tehlike',
        r'авари\w+|экстренн\w+|чп|опасность|прервать|прерви|отбой тревоги',
        r'n[øo]dstop\w*|n[øo]dsituasjon\w*|h[äa]t[äa]\w*|nouzov\w+|havaria|'
        'veszhelyzet|urgenta|hitn\\w+|طوارئ|חירום|आपात\\w*|khan cap|darurat|επειγον\\w*|εκτακτ\\w+|'
        'аварій\\w+'),
    Intent.LIE_DOWN: (
        r'sit|sits|sitting|seat|seated|take a seat|(?:lie|lay|lies|lays|lying|laying|lain)|'
        'play dead|(?:go to|to) (?:sleep|bed)|sleep|nap|doze|have a nap|relax|damp|damping|curl '
        'up|kneel\\w*|(?:get|go|drop) (?:right )?down (?:on|onto|to) (?:the|your) '
        r'(?:floor|ground|belly|stomach|tummy)|(?:motors?|torque|servos?) off|'
        r'(?:power|shut|switch|turn) (?:yourself |it |the (?:robot|dog|motors?|power) |your (?:motors?|self) )?(?:off|down)(?! (?:the|your|my) (?!robot|dog|motors?|power))|'
        r'(?:lower|put|set) (?:yourself|your body|your belly|yourself down|it)(?: down)? '
        r'(?:down )?(?:on|onto|to) the (?:floor|ground)|settle down|sink (?:down )?(?:on|onto|to) '
        'the (?:floor|ground)|rest on the (?:floor|ground)|bed ?time|hit the deck',
        r'sitz|setz\w*|hinsetzen|sitzen|hinlegen|(?:leg|lege) dich\w*|lieg\w*|schlaf\w*|'
        r'platz machen|mach (?:sitz|platz)|auf den boden|nieder|entspann dich',
        r"assis|assieds|assieds toi|asseoir|assoie\w*|assois|couche|couche toi|couchez|coucher|"
        'allonge\\w*|par terre|dors|a plat ventre|dodo|detends toi',
        r'si[eé]ntate|sentado|sentarse|sientese|t[úu]mbate|tumbado|tumbarse|acu[ée]state|'
        'acostado|acuestese|echate|echado|duerme|duermete|al suelo|relajate',
        r'siediti|seduto|sedersi|siedi|sdraiati|sdraiato|sdraia|sdraiarsi|a cuccia|cuccia|'
        'accucciati|coricati|dormi|a terra|stenditi|rilassati|distenditi',
        r'senta|sente|sentado|sentar|senta te|deita\w*|deite\w*|deitar|dorme|durma|no chao',
        r'zit|zitten|ga zitten|ga liggen|liggen|lig|slapen|ga slapen|op de grond',
        r'sitt|sitta|s[äa]tt dig|ligg|l[äa]gg dig|ligga|sov|p[åa] golvet',
        r'siad|siadaj|usi[ąa]d[źz]|siedz\w*|le[żz]e[ćc]|po[łl][óo][żz] si[ęe]|k[łl]ad[źz] si[ęe]|'
        'waruj|spij|spac|usnij|na ziemi[eę]',
        r'otur|oturun|oturur musun|yat|uzan|yere yat|uyu|yatin',
        r'сидеть|сядь\w*|садись|сесть|сиди|лежать|ляг\w*|лечь|ложись|лежи|спать|спи',
        r'istu|makaa|maahan|maate|sid ned|dæk|legg deg|l[æa]g dig|sedni|lehni|lez|leh|ul|fekudj|'
        'sezi|culcat|sjedni|lezi|καθισε|ξαπλωσε|ngoi|nam xuong|duduk|berbaring|tidur|'
        'اجلس|استلق|שב|ארצה|बैठ\\w*|लेट\\w*|сядь|лягай|ляж|앉아|앉으세요|누워|엎드려'),
    Intent.STAND: (
        r'stop(?:s|ped|ping|p)?(?! (?:sign|watch|light|line)s?\b)|stpo|sotp|tsop|st0p|halt(?:s|ed|'
        'ing)?|hlat|halr|wait(?:s|ing)?|wiat|freeze|frezee|freze|frozen|paus(?:e|es|ed|ing)|cease'
        r'|ceases|ceasing|quit(?: \w+ing| it| that| moving)?|desist|whoa|woah|standstill|'
        r'stand ?still|stationary|motionless|immobile|immobili[sz]e|brake|brakes|braking|'
        r'(?:that|this|it) (?:is |s )?enough|enough (?:now|of|walk\w*|trot\w*|already|for)|at ease|stand ?by|stand ?down|idle|park(?: yourself| it| here)?|cut it out|'
        r'knock it off|call it (?:a day|quits)|cool it|hang on|hold up|hold your horses|'
        r'(?:walk|trot|walking|trotting|pacing|show|session|lesson|exercise|work|game|demo) '
        r'(?:is|are) (?:over|done|finished)|stay(?= (?:here|there|put|still|where|'
        r'right|standing|motionless|as you are|exactly|in position|at your)\b|$)|'
        r'hold(?= (?:still|position|it|on|here|there|fast|everything|the position|the pose|that|'
        r'your (?:position|ground|place|pose|stance)|steady now|in place)\b|$)|'
        r'stand(?:ing)?(?= (?:still|up|here|there|by|down|in place|in position|at|motionless|'
        r'ready|firm|fast|quietly|quiet|calmly|on (?:your|the|all)|where|now|idle|upright|and '
        r'wait|please|straight up)\b|$)|(?:be|keep|remain|get|staying|keeping|hold yourself) '
        r'(?:\w+ )?(?:still|quiet|stationary|motionless|put)(?! (?:trot|walk|pac|bound|pronk)\w*)|'
        r'remain (?:here|there|standing|where|in place)|do ?n ?t go anywhere|'
        r'(?:come|coming|bring \w+|slow|get) (?:\w+ )?to (?:a |an |your )?(?:\w+ )?'
        r'(?:stop|halt|rest|stand|standstill)|take a (?:break|rest|breather)|have a rest|'
        r'no (?:more|further) (?:walking|trotting|pacing|bounding|pronking|running|moving|'
        r'movement|motion|steps?|going)|not? (?:one|another|a single) (?:more )?(?:step|inch|move)'
        r'|(?:zero|no) (?:velocity|speed|motion|movement)|(?:end|finish|terminate|kill|discontinue'
        r'|suspend|interrupt|cancel) (?:\w+ )?(?:walk\w*|trot\w*|pac\w*|bound\w*|pronk\w*|mov\w*|'
        r'motion|gait|run\w*|locomotion|steps?|it|this|that|now|all|everything|here|goal|task)|'
        r'(?:move|go|walk) no (?:more|further)|rest(?= (?:now|here|a|for|your|please|there|'
        r'standing|position|in)\b|$)|do nothing|nobody move|'
        r'(?:plant|keep) (?:all )?(?:your )?(?:four )?feet (?:where they are|still)|'
        r'leave your (?:feet|legs) where they are',
        r'stopp\w*|haltet|anhalten|halte? an|halten sie an|angehalten|stehen ?bleiben|'
        r'bleib\w* (?:\w+ )?(?:stehen|still|hier|da|dort|wo)|bleib(?! (?:im|in|beim|auf))|steh|stehe|stehen|steht|'
        r'still ?stehen|stillgestanden|stillstand|warte|warten|wartet|stillhalten|halt still|'
        r'(?:beweg\w* (?:dich |euch )?(?:nicht|keinen)|nicht (?:mehr )?(?:bewegen|weiter\w*|'
        r'gehen|laufen|traben))|keinen schritt|keine bewegung|(?:das reicht|es reicht|das ist genug)|pause|hor auf|hore auf|'
        r'aufhoren|schluss|bremse?|bremsen|ruhig stehen|verharre|steh auf|brr+',
        r"arr[êe]te\w*|arretez|arreter|arret|arretes|halte|stoppe\w*|attends|attendez|attendre|"
        r'reste\w* (?:la|ici|immobile|debout|tranquille|sur place|en place|o[uù])|reste(?! (?:au|en)\b)|restez(?! (?:au|en)\b)|'
        r'bouge (?:pas|plus)|bougez (?:pas|plus)|(?:ne|n) (?:\w+ )?(?:bouge\w*|avance\w*|marche\w*) '
        r'(?:pas|plus)|plus un geste|immobile|debout|freine\w*|cesse\w*|ca suffit|'
        r'tiens toi (?:debout|tranquille)|fige toi|pas bouger|plus un pas|une pause|fais une pause',
        r'(?:det[ée]n|detente|detenga|detengase|detenerse|deteneos)|p[áa]rate|parar|p[áa]rese|'
        r'parad|pare|alto ahi|alto total|quieto|quieta|qu[ée]date (?:\w+ )?(?:quieto|aqui|ahi|'
        r'alli|donde|parado|en)|quedate|espera|esperate|esperar|espere|no (?:te|se) muevas?|no te '
        r'mueva|no (?:avances?|camines|andes|sigas|des un paso)|basta|ya basta|frena|frenar|inmovil|'
        r'de pie|descansa|haz una pausa|pausa|ni un paso|para (?:ya|ahora|de|el|inmediatamente|'
        r'por favor|perro|robot)|por favor para|deja de \w+|congelate|estate quieto',
        r'ferma\w*|fermo|fermi|fermarsi|fermate|arresta\w*|aspetta|aspettare|attendi|attendere|'
        r'resta (?:fermo|qui|li|dove|in|immobile)|rimani (?:fermo|qui|li|in|dove|immobile)|resta(?! al)|'
        r'rimani|stai (?:fermo|li|qui|in piedi)|sta fermo|non (?:ti )?(?:muoverti|muovere|'
        r'muoversi)|non (?:ti )?muov\w+|non (?:camminare|avanzare|andare avanti|fare un passo)|'
        r'immobile|basta|frena|in piedi|smetti\w*|smettila|pausa|sosta|nemmeno un passo|fermiamoci',
        r'pare|parar|parem|parado|para agora|para de \w+|espere?|espera|esperar|aguarde|aguarda|'
        r'fique? (?:\w+ )?(?:parado|quieto|aqui|ai|ali|onde|imovel|em)|quieto|alto la|'
        r'n[ãa]o (?:se|te) (?:mexa\w*|mova\w*|mexas|movas)|nao (?:ande|andes|avance|caminhe)|'
        r'imovel|chega|basta|freie|em pe|de pe|descanse|descansa|pausa|nem mais um passo|'
        r'det[ée]m te|detenha se|deixa de \w+|congela',
        r'stop\w*|halt|houd (?:\w+ )?(?:halt|stil|op|vast)|hou (?:op|stil)|ophouden|stil ?staan|sta '
        r'(?:\w+ )?stil|blijf (?:\w+ )?(?:staan|stil|hier|daar|waar|zitten|zo)?|blijven staan|wacht|'
        r'wachten|even wachten|niet (?:meer )?(?:bewegen|lopen|verder)|beweeg (?:je )?niet|loop '
        r'niet (?:verder|meer)|geen stap\w*(?: meer| verder)?|pauze|pauzeer|rust|remmen|rem|'
        r'sta|bevries|ga staan|verroer je niet|in de rust|staak\w*',
        r'stopp\w*|stanna\w*|halt|v[äa]nta|st[åa] (?:still|kvar|upp|dar|h[äa]r)|st[åa]|stilla|'
        r'h[åa]ll (?:dig )?still\w*|r[öo]r dig inte|r[öo]r dig ej|inte (?:r[öo]ra|g[åa])|g[åa] inte|'
        r'stilla nu|inte ett steg\w*|det r[äa]cker|paus|pausa|bromsa|vila|frys|'
        r'sluta\w*|stannar|bli kvar|kvar|stå stilla',
        r'st[óo]j|stojcie|sta[ńn]|sta[ćc]|zatrzyma\w*|zatrzymuj si[ęe] natychmiast|zatrzymaj si[ęe]'
        r'|zatrzymanie|czekaj|poczekaj|zaczekaj|czeka[ćc]|zosta[ńn]|zostaw|nie ruszaj\w*|ani '
        r'kroku|nie (?:id[źz]|ruszac|chod[źz]|chodzi[ćc])|bez ruchu|nieruchomo|'
        r'wystarczy|pauza|przesta[ńn]|hamuj|zamrzyj|zastygnij|odpocznij|'
        r'spocznij|wstrzymaj\w*|stop\w*|na miejsce stoj|postoj|ani drgnij|stoj spokojnie',
        r'dur|durun|dursana|durur musun|durdur\w*|dursun|durunuz|hemen dur|bekle\w*|k[ıi]p[ıi]rdama|'
        r'hareket etme\w*|k[ıi]m[ıi]ldama|oldu[ğg]un yerde|yerinde (?:kal|dur)|orada kal|burada kal|'
        r'kal|ad[ıi]m atma|y[üu]r[üu]me|y[üu]r[üu]meyi (?:b[ıi]rak|kes)|yeter|mola|fren|'
        r'ayakta (?:dur|kal|bekle)|ayaga kalk|sabit (?:dur|kal)|dinlen|b[ıi]rak|kes',
        r'сто[йи]\w*|стоять|стоп\w*|остановись|остановитесь|остановка|остановить\w*|'
        r'останови\w*|замри|замереть|жди|ждать|подожди\w*|погоди|не (?:двига\w+|шевели\w+|'
        r'ходи|иди|иди дальше|дергайся|беги)|ни шагу\w*|ни с места|смирно|хватит|'
        r'тормози|тормоз|пауза|прекрати\w*|прекратить|перестань|отдыхай|'
        r'отдых|оставайся|останься|тпру|неподвижно|вольно|притормози|стоим|встань|зупинися|'
        r'чекай|не рухайся|досить',
        r'pys[äa]hdy|pys[äa]yt[äa]|seis|odota|paikallaan|paikka|[äa]l[äa] liiku|stans|vent|bliv|'
        r'bliv st[åa]ende|st[åa] stille|bev[æa]g dig ikke|ikke beveg\w*|stopper|zastav\w*|cekej|'
        r'pockej|nehyb\w*|st[ůu]j|stuj|cakaj|nehyb|allj|[áa]llj|v[áa]rj|varj|ne mozdulj|'
        r'opre[șs]te\w*|stai pe loc|a[șs]teapt[ăa]|nu te mi[șs]ca|stani|cekaj|ne mi[čc]i se|спри|'
        r'спирай|чакай|не мърдай|dung lai|đứng lại|[đd][ứu]ng y[êe]n|cho da|berhenti|tunggu|diam|'
        r'jangan bergerak|σταματα\w*|στασου|περιμενε|μην κουνηθεις|στοπ|ακινητος|'
        r'قف|توقف\w*|انتظر|لا تتحرك|עצור|עמוד|חכה|אל תזוז|रुक\w*|ठहर\w*|मत हिलो|रोको|'
        r'हिलना मत|توقّف|ایست|멈춰\w*|멈추\w*|정지\w*|서\s?있어|기다려\w*|움직이지\s?마\w*|가만히\s?있어\w*|'
        r'그만\w*|스톱'),
}
"""Strong words: found anywhere in a clause, it asks for rest."""

ALONE: dict[Intent, str] = {
    Intent.LIE_DOWN: 'down|go down|get down|off|drop|platz|ab|runter|aus|couche|pied a terre|bas|'
                     'abajo|giu|terra|baixo|af|ner|dol|asagi|вниз|место',
    Intent.STAND: 'no|nope|no no|no no no|still|stay|hold|rest|stand|enough|done|end|finish|finished|'
                  'cancel|over|basta|stop stop|nein|non|nee|nej|nie|hayir|нет|nao|na|para|alto|alta|'
                  'fermo|dur|sta|fertig|fini|fin|ende|back off|hold back|that will do|that ll do|'
                  'thats it|that s it|thats all|that is all|genug|genoeg|nog|assez|dosyc|dosc|довольно|'
                  'достаточно|yeterli|alt|ruhe|fara|alarm|help|hilfe|au secours|socorro|aiuto|ajuda|'
                  'pomocy|помогите|yardim'}
"""Words that ask for rest where a clause says nothing else: 'paso alto' is a high step."""

WEAK = ('stay in place|stay on the spot|stand tall|stand straight|stand high|stay calm|steady|easy|'
        'quiet|calm|chill|stay back|на месте|in place|on the spot|urgente?|stop and go|'
        'auf der stelle|sur place|sul posto|en el sitio|no lugar|op de plaats|pa plats|w miejscu|'
        'yerinde')
"""Words that ask for rest where the whole text says nothing else: 'trot in place' walks."""

UNSPACED: dict[Intent, str] = {
    Intent.EMERGENCY: '紧急|緊急|急停|中止|危险|危險|非常停止|緊急停止|断电|切断电源|救命|ฉุกเฉิน',
    Intent.LIE_DOWN: '坐下|坐好|趴下|躺下|趴着|卧下|臥下|睡觉|座れ|座って|お座り|おすわり|すわれ|'
                     '伏せ|ふせ|寝て|寝ろ|横にな|寝転|伏せて|นั่ง|นอน',
    Intent.STAND: '停|站住|站好|站着|站立|站稳|别动|別動|不要动|不要動|不许动|不动|勿动|等一下|等等|等着|'
                  '等待|稍等|等我|定住|保持静止|静止|原地不动|暂停|待着|待在|立定|别走|别再走|不要走|不要再走|'
                  '歇|休息|够了|刹车|留在|起立|站起来|停ま|止ま|とま|とめ|止め|ストップ|待て|待っ|まて|まっ|'
                  '待機|動くな|動かない|うごくな|じっと|静止|立て|立って|立ち止|休め|休憩|歩くな|歩かない|'
                  '終わり|やめ|そこにいて|หยุด|รอ|อย่าขยับ'}

DENIED = (
    r'non ?stop\w*|unstoppabl\w+|stop and go|stops? (?:sign|watch|light|line)s?|bus stop|'
    r'(?:un)?ceaseless\w*|unceasing\w*|never ending|endless\w*|restless\w*|tireless\w*|'
    r'(?:do not|do ?n ?t|dont|never|without|not|cannot|can ?t|wo ?n ?t|should ?n ?t|must ?n ?t|'
    r'should not|must not|rather than|instead of|not allowed to|no need to|refuse to|will not|'
    r'avoid|neither|nor) '
    r'(?:(?:ever|any|a|an|you|your|dare|to|even|think of|think about|want|need|once|the|let|it|'
    r'please|just|come to a|make any|making any|me|allowed|for|have|be|of|ever again|more|'
    r'single|wish|long|taking|take|so much as|under any circumstances) ){0,5}?'
    r'(?:stop(?:s|ping|ped)?|halt(?:s|ing)?|paus(?:e|es|ing)|wait(?:s|ing)?|rest(?:s|ing)?|break|breaks|'
    r'freez(?:e|ing)|sit(?:ting)?(?: down)?|lie(?: down)?|lay(?: down)?|lying(?: down)?|brak(?:e|es|ing)|'
    r'ceas(?:e|ing)|stand(?:ing)?(?: still| there| around)?|quit|idle|interruption|slack\w*)|'
    r'no (?:more |need to |time to )?(?:stops|stopping|pauses?|pausing|breaks?|rest|resting|waiting|'
    r'halting|sitting|standing|freezing|interruptions?)|(?:stop|quit) (?:waiting|standing around|sitting|lying|'
    r'resting|pausing|stopping|idling|standing there)|(?:no|not) (?:need|time) to (?:stop|wait|rest|pause)|'
    r'(?:until|till|unless|before|when|once) (?:i|we|you are|told|somebody|someone|the|ordered) '
    r'(?:\w+ ){0,3}?(?:stop|halt|wait|stand|otherwise)|'
    r'nicht (?:anhalten|stehen ?bleiben|stoppen|warten|aufhoren|halten|hinsetzen|hinlegen|ruhen)|'
    r'(?:halt|halte|bleib|stopp|warte|hor|hore|steh|setz|leg) (?:\w+ )?(?:nicht|nie)(?: '
    r'(?:an|stehen|auf|hin))?|ohne (?:\w+ )?(?:anzuhalten|halt|pause|stopp|stehen ?zu ?bleiben|'
    r'aufzuhoren|unterbrechung)|ohne zu (?:stoppen|halten|warten|ruhen)|pausenlos|unaufhorlich|'
    r'keine pause|'
    r"(?:ne )?(?:t |vous )?arr[êe]te\w*(?: toi)? (?:pas|jamais|surtout pas)|(?:ne )?n (?:t )?arrete\w* "
    r'(?:pas|jamais)|sans (?:\w+ )?(?:\w )?(?:arr[êe]t\w*|pause|attendre|repos|cesse)|ne (?:t |vous )?'
    r'(?:arrete\w*|attend\w*|stoppe\w*|assieds|couche\w*|cesse\w*) (?:pas|jamais)|'
    r'sin (?:\w+ )?(?:parar\w*|detener\w*|pausa\w*|descansar?|descanso|cesar|esperar)|(?:no|nunca) '
    r'(?:\w+ )?(?:pares|paras|pare|parar|parad|te detengas|te pares|detenerse|esperes|'
    r'descanses|detengas|te sientes|dejes de \w+)|'
    r'senza (?:\w+ )?(?:fermar\w*|soste?|sosta|pausa|pause|arrestar\w*|aspettare|interruzion\w+|'
    r'riposo|mai fermar\w*)|non (?:ti )?(?:fermar\w*|fermi|smettere|aspettare|arrestar\w*|sederti|'
    r'sdraiarti|sostare)|non fermarti mai|'
    r'sem (?:\w+ )?(?:parar|pausa\w*|descanso|esperar|descansar|cessar|interrup\w+)|'
    r'(?:n[ãa]o|nunca|jamais) (?:\w+ )?(?:pare|pares|parar|para|espere|esperes|descanse|descanses|'
    r'sente|deite|deixe de \w+)|'
    r'zonder (?:\w+ )?(?:te )?(?:stoppen|stop|pauze|wachten|rusten|halt|onderbreking|ophouden)|'
    r'(?:stop|halt|wacht|rust|blijf|hou|sta|ga) (?:\w+ )?(?:niet|nooit)(?: (?:met \w+|stil|staan|op|'
    r'zitten|liggen))?|niet (?:stoppen|wachten|stil ?staan|ophouden|rusten)|'
    r'(?:stoppa|stanna|v[äa]nta|vila|sluta|pausa|stopp|stå|satt dig|lagg dig) (?:inte|aldrig|ej)(?: still)?|'
    r'utan (?:att )?(?:\w+ )?(?:stanna|stoppa|pausa|paus|uppeh[åa]ll|v[äa]nta|vila|stopp|sluta)|'
    r'nie (?:zatrzymuj\w*|stawaj|przestawaj|czekaj|st[óo]j|zatrzymywa[ćc]|siadaj|k[łl]ad[źz]|'
    r'odpoczywaj|przerywaj)(?: si[ęe])?|bez (?:\w+ )?(?:zatrzym\w*|przerw\w*|postoj\w*|'
    r'odpoczynku|czekania|pauzy)|'
    r'durma\w*|durmadan|durmaks[ıi]z[ıi]n|hi[çc] durma\w*|ara vermeden|bekleme\w*|beklemeden|'
    r'kesintisiz|oturma|yatma|mola vermeden|'
    r'не (?:останавлива\w+|остановись|стой|жди|тормози|замирай|прекраща\w+|переставай|ждать|'
    r'садись|ложись|стоять|отдыхай)|без (?:\w+ )?(?:останов\w+|пауз\w*|отдыха|перерыва|'
    r'перерывов|передышки)|безостановочно|не переставая|не зупиняйся|'
    r'[äa]l[äa] pys[äa]hdy|ikke stop\w*|uden (?:at )?stoppe|ikke vent|nezastavuj\w*|bez '
    r'zastaven\w+|ne [áa]llj meg|nu te opri|fara oprire|ne stani|不要停\w*|别停\w*|멈추지\s?(?:마\w*|말\w*|않\w*)|'
    r'쉬지\s?(?:말\w*|않\w*)|μη σταματ\w*|χωρις σταση')
"""Rest that is denied: such words are taken out before the others are looked for."""

DENIED_UNSPACED = ('不要停(?:下来?|止|步|住)?|别停(?:下来?|止|住)?|別停(?:下來?|止)?|不停(?:地|的|下来|止|歇)?|'
                   '不能停(?:下来)?|永不停(?:歇|止)|不间断|不要等(?:待|我)?|别等|不休息|别休息|不要休息|'
                   '不要坐下|别坐下|不要趴下|停下来之前|停不下来|不准停|'
                   '(?:止まら|とまら|停まら|立ち止まら|休ま|やめ|待た)(?:ないで|ず|ずに|ない|なくて)(?:い|いい|ください)?|'
                   '(?:止まる|とまる|休む|やめる|待つ|止める)(?:な|ことなく|のをやめ|必要は)|'
                   '(?:座ら|伏せ)ないで|ノンストップ|休みなく|止めないで|'
                   'อย่าหยุด|ไม่หยุด')

MOVING = (
    r'walk|trot|pace|bound|pronk|gallop|canter|run|jog|march|stride|amble|tolt|hop|jump|leap|skip|'
    r'bounce|crawl|creep|strut|prance|stroll|wander|go|move|step|advance|proceed|turn|rotate|spin|'
    r'circle|patrol|hurry|rush|dash|sprint|race|sneak|tiptoe|shuffle|waddle|hobble|carry on|travel|'
    r'head|continue|resume|accelerate|retreat|back up|reverse|swerve|veer|drift|slide|zigzag|'
    r'dance|explore|roam|drive|climb|charge|cruise|glide|ramble|saunter|scamper|scurry|tread|'
    r'trudge|vault|pounce|follow|return|come|pivot|curve|steer|keep going|get going|speed up|'
    r'slow down|quicken|high step|parade|lope|plod|stomp|stamp|lumber')
"""Base forms of verbs that order a movement."""

MOVING_ELSEWHERE = (
    r'geh\w*|lauf\w*|renn\w*|trab\w*|galopp\w*|spring\w*|hupf\w*|kriech\w*|schleich\w*|schreit\w*|'
    r'marschier\w*|vorwarts|ruckwarts|weiter\w*|dreh\w*|pass|passgang|schritt|beweg\w*|'
    r'march\w*|avance\w*|trott\w*|galop\w*|cour[st]\w*|saut\w*|bondi\w*|recule\w*|tourne\w*|continue\w*|'
    r'va|vas|allez|amble|rampe\w*|deplace\w*|'
    r'camin\w*|and[ae]\w*|trot[ae]\w*|corr[ea]\w*|galop\w*|salt[ae]\w*|avanz\w*|retroced\w*|gira\w*|sigue\w*|'
    r'contin[uú]\w*|marcha\w*|muevete|ve|pasea\w*|brinc\w*|'
    r'cammin\w*|trott\w*|corri|correre|galoppa\w*|salta\w*|avanti|indietro|vai|prosegui|muoviti|'
    r'procedi|marcia\w*|'
    r'caminh\w*|ande|anda|corre\w*|corra|salte|pule|avance|avan[çc]\w*|siga|continue|gire|recue|v[áa]|'
    r'mova se|passo|passeie|'
    r'loop\w*|wandel\w*|ren|rennen|draf\w*|galoppeer\w*|spring\w*|huppel\w*|kruip\w*|stap\w*|vooruit|achteruit|'
    r'doorlopen|ga door|draai\w*|'
    r'g[åa]|trava\w*|spring\w*|galoppera\w*|hoppa\w*|kryp\w*|forts[äa]tt|fram[åa]t|bak[åa]t|marschera|jogga|'
    r'skritta\w*|sv[äa]ng\w*|vand\w*|'
    r'id[źz]|chod[źz]\w*|k[łl]usuj\w*|k[łl]usem|biegnij|biegaj|galopuj\w*|skacz\w*|naprz[óo]d|maszeruj\w*|'
    r'cofaj|pe[łl]zaj|ruszaj|kontynuuj|skr[ęe][ćc]\w*|spaceruj\w*|krocz|truchtaj\w*|'
    r'y[üu]r[üu]\w*|ko[şs]\w*|t[ıi]r[ıi]s\w*|z[ıi]pla\w*|d[öo]rtnala\w*|ilerle\w*|devam|geri git|git|d[öo]n\w*|'
    r'sürün\w*|hareket et|'
    r'иди\w*|шагай\w*|шаг\w*|беги\w*|бежать|рыс\w+|галоп\w*|скачи\w*|прыга\w+|ползи|вперед|назад|'
    r'двигайся|продолжай|ступай|маршируй|трус\w+|поверн\w+|гуляй|крадись|'
    r'gå|løb|trav|kavele|juokse|jdi|b[ěe]z|kluse\w*|menj|fuss|mergi|alearga|περπατα\w*|τρεξε|걸어\w*|뛰어\w*|'
    r'달려\w*|움직여\w*|चलो|दौड़ो|امش|اركض|לך|רוץ|jalan|berjalan|lari|chay|đi|di bo')
MOVING_UNSPACED = ('走|跑|小跑|快步|慢步|奔|跳|前进|前進|后退|後退|转|轉|爬|行走|散步|踱|移动|移動|歩|走れ|走っ|'
                   '進|進め|駆|跳ね|跳ん|曲が|回っ|回れ|トロット|ギャロップ|ペース|バウンド|プロンク|前へ|'
                   '後ろ|รีบ|เดิน|วิ่ง')

FILLERS = (
    r'please|pls|plz|now|right|away|immediately|instantly|at once|this instant|robot|dog|doggy|go2|'
    r'boy|girl|hey|ok|okay|oi|hi|you|just|so|and|then|but|instead|next|finally|first|well|again|good|'
    r'quick|quickly|quietly|slowly|gently|for a moment|a moment|a bit|a second|for now|everybody|'
    r'everyone|buddy|pal|rex|spot|fido|the|it|there|here|let s|lets|start|begin|try|to|can|could|'
    r'will|would|i|want|need|like|must|should|have|has|me|us|go2|'
    r'bitte|jetzt|sofort|hund|roboter|gleich|mal|doch|los|du|na|'
    r's il te plait|s il vous plait|stp|svp|maintenant|tout de suite|chien|immediatement|'
    r'por favor|ahora|ya|perro|inmediatamente|agora|cao|cachorro|ja|imediatamente|robo|'
    r'per favore|adesso|ora|subito|cane|immediatamente|'
    r'alsjeblieft|alstublieft|nu|hond|meteen|onmiddellijk|direct|'
    r'snalla|tack|genast|hunden|hund|omedelbart|'
    r'prosze|teraz|natychmiast|piesku|pies|lutfen|simdi|hemen|kopek|derhal|'
    r'пожалуиста|сеичас|немедленно|собака|пес|робот|быстро|же|'
    r'e|y|et|und|och|en|ve|i|и|а|но|mais|pero|ma|mas|maar|men|ale|ama')

BOUNDARIES = (r'and|but|so|instead|then|afterwards|und|aber|dann|danach|et|mais|puis|ensuite|y|pero|'
              r'luego|despues|e|ma|poi|mas|depois|maar|daarna|och|men|sedan|ale|potem|ama|sonra|ve|и|'
              r'но|потом|затем|then')
