package functions

import (
	"sort"
	"strings"
)

// DefaultCurrency stands for every code that is not known (O 20.9).
const DefaultCurrency = "EUR"

// currencies are the active codes of ISO 4217, funds, metals and units of account included, without the codes for tests and
// for no currency; BGN and CSD were active when existing data was written. Sorted, four bytes an entry.
const currencies = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF " +
	"CHE CHF CHW CLF CLP CNY COP COU CRC CSD CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP " +
	"GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK " +
	"LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR " +
	"PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL " +
	"THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA " +
	"XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG "

// ValidCurrency says whether code, in any case, is a currency that a user may have (O 20.9, D44).
func ValidCurrency(code string) bool {
	code = strings.ToUpper(code)
	if len(code) != 3 {
		return false
	}
	n := len(currencies) / 4
	i := sort.Search(n, func(i int) bool { return currencies[4*i:4*i+3] >= code })
	return i < n && currencies[4*i:4*i+3] == code
}

// Currency returns code in upper case when it is valid, otherwise DefaultCurrency (O 20.9, D44).
func Currency(code string) string {
	if !ValidCurrency(code) {
		return DefaultCurrency
	}
	return strings.ToUpper(code)
}
