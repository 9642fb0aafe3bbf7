-- One row is a word that says little by itself of what a review is about: of telling, buying, degree and time. A term
-- of its language made of such words alone is no topic, issue, complaint or praise. Any of its word forms counts.
-- Only English has a list beyond its stop words.
CREATE TABLE duckmark.weak_words AS
WITH listed AS (
    SELECT unnest(string_split(
        'able about absolute absolutely actual actually admit advise afraid after again ago agree ahead '
        || 'albeit all allow almost alone along already alright also although always amazon among amount '
        || 'another answer anybody anyone anything anyway anywhere apparent apparently appear aren''t around '
        || 'arrive as ask assume away back basically become before began begin behind believe besides best '
        || 'better beyond bit bother bought bring brought btw bunch but buy call came can can''t cannot care '
        || 'cause certain certainly chance change choice choose chose clearly close come complain complaint '
        || 'complete completely con cons consider could couldn''t couple course customer deal decide decided '
        || 'decision def definite definitely depend despite didn''t disappoint disappointing disappointment do '
        || 'does doesn''t doing don''t done doubt due each easily either else end enough entire entirely '
        || 'especially etc even eventually ever every everyone everything everywhere exact exactly except '
        || 'exchange expect expectation experience explain extra extremely fact fairly far feel felt few figure '
        || 'final finally find fine first five follow for former found four friend from fully gave generally '
        || 'get getting girl give given go god goes going gone good got gotten great guess guy had half happen '
        || 'happy hardly has hasn''t hate have haven''t having hear heard help hesitate highly honest honestly '
        || 'hope hour how however hubby huge husband i''d i''ll i''m i''ve idea if imagine immediately '
        || 'impression in include instead interesting isn''t issue it it''s item just keep kept kind knew know '
        || 'known lack lady last late later least leave left let like likely list literally little ll long look '
        || 'looked looking lot lots love made mainly make making man many matter may maybe mean mention might '
        || 'mild mind mine minute miss month more most mostly much must near nearly need neither never '
        || 'nevertheless next nice nicely no none nope nor normally not note nothing notice now number obvious '
        || 'obviously of off often oh ok okay old on once one ones online only onto open opinion option ordered '
        || 'ordinary originally other otherwise ought out over overall own part particular particularly past '
        || 'pay people per perfect perhaps person personal personally place plan plenty plus point positive '
        || 'possible possibly post prefer pretty previous price pro probable probably problem pros purchase put '
        || 'question quick quickly quite rate rather re read real really reason receive recent recently '
        || 'recommend regard remember reorder review reviewer right s sad sadly said same sate saw say says '
        || 'second see seem seen sell send sense sent seriously set several shall she shop should shouldn''t '
        || 'show shown similar simple simply since sister slight slightly so somebody somehow someone something '
        || 'sometime sometimes somewhat somewhere soon sort spend spent star stars start state still stuff such '
        || 'suggest super suppose supposed sure surprise surprised t take taken talk tell ten tend than thank '
        || 'that that''s the them then there therefore they thing things think third though thought three '
        || 'through throw time today together told ton tons too took total totally toward tried true truly try '
        || 'turn twice two type typical typically understand unfortunate unfortunately unless unlike until upon '
        || 'use used user usual usually various ve versus very view visit wait walk want wanted warn was '
        || 'wasn''t way wear week well went were weren''t what whatever when whenever where whereas whether '
        || 'which while who whole whose why will willing wish with within without won''t wonder word world '
        || 'worry worse worst worth would wouldn''t write wrong wrote yeah year yes yesterday yet you zero retailer nowhere',
        ' '
    )) AS word
)
SELECT DISTINCT
    'en' AS language,
    coalesce(f.form, l.word) AS word
FROM listed AS l
LEFT JOIN duckmark.term_groups AS f
    ON f.language = 'en' AND f.term = l.word
UNION
SELECT
    'en',
    word
FROM listed
ORDER BY word;
