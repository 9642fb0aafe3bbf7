-- One row is a code under which shops book what is not goods: postage, fees, discounts, vouchers,
-- corrections. Nobody should be recommended postage. `code` and `title` are LIKE patterns in upper case; a
-- short code counts only with the title beside it, for another shop may sell a product M. Replace this file
-- to fit a shop.
CREATE TABLE duckmark.service_codes AS
SELECT
    code,
    title
FROM (
    VALUES
        ('POST', '%'),
        ('POSTAGE', '%'),
        ('DOT', '%POSTAGE%'),
        ('SHIPPING', '%'),
        ('DELIVERY', '%'),
        ('CARRIAGE', '%'),
        ('C2', '%CARRIAGE%'),
        ('M', '%MANUAL%'),
        ('MANUAL', '%'),
        ('ADJUST%', '%ADJUST%'),
        ('B', '%BAD DEBT%'),
        ('S', '%SAMPLE%'),
        ('SAMPLES', '%'),
        ('D', '%DISCOUNT%'),
        ('DISCOUNT', '%'),
        ('VOUCHER%', '%'),
        ('GIFT%', '%VOUCHER%'),
        ('GIFT_0001_%', '%'),
        ('BANK CHARGES', '%'),
        ('AMAZONFEE', '%'),
        ('FEE', '%'),
        ('CRUK', '%COMMISSION%'),
        ('TEST0%', '%TEST%')
) AS codes (code, title);
