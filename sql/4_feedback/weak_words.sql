-- One row is a word that says little by itself of what a review is about: of telling, buying, degree and time. A term
-- of its language made of such words alone is no topic, issue, complaint or praise. Any of its word forms counts.
-- Only English and Chinese have a list beyond their stop words.
CREATE TABLE duckmark.weak_words AS
WITH listed AS (
    SELECT
        'en' AS language,
        unnest(string_split(
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
    UNION ALL
    SELECT
        'zh',
        unnest(string_split(
            '不 不会 不到 不够 不想 不是 不用 不知 不知道 不能 不要 不了 不如 没 没有 没什么 无 无法 别 非 是不是 '
            || '好 不错 不好 不行 不怎么样 差 太差 很差 一般 可以 还可以 还行 还好 还算 好用 满意 不满 喜欢 失望 后悔 值得 '
            || '非常 十分 特别 相当 比较 挺 太 超级 真 真的 真是 真心 实在 确实 简直 根本 完全 绝对 最 最好 基本 总体 主要 '
            || '多 好多 很多 更多 不少 一点 一点点 一些 有点 有点儿 差不多 多少 几个 两个 三个 唯一 '
            || '一直 一下 一次 第一次 第二次 下次 这次 上次 再次 每次 已经 现在 以前 以后 之前 之后 最后 后来 今天 昨天 '
            || '第二天 几天 一天 两天 天 时间 起来 回来 继续 终于 本来 居然 竟然 其实 可能 应该 一定 好像 需要 只能 只好 '
            || '感觉 觉得 知道 认为 发现 看到 看看 想 希望 相信 建议 推荐 评价 评论 点评 好评 差评 打算 '
            || '买 买来 买过 购买 购物 收到 拿到 下单 订 用 使用 试 卖 东西 宝贝 商品 产品 货 问题 地方 个人 人 朋友 里 里面 '
            || '京东 当当 当当网 卓越 淘宝 天猫 携程',
            ' '
        )) AS word
)
SELECT
    l.language,
    coalesce(f.form, l.word) AS word
FROM listed AS l
LEFT JOIN duckmark.term_groups AS f
    ON f.language = l.language AND f.term = l.word
UNION
SELECT
    language,
    word
FROM listed
ORDER BY language, word;
