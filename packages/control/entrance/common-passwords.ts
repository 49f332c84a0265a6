/**
 * Passwords that are tried first and are long enough to pass otherwise, in lower case and without signs and digits at the
 * end (see strength.ts). A short list of what people choose when ten characters are asked for; the throttle does the rest.
 */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `
  password passwordpassword mypassword thepassword yourpassword newpassword changepassword passw0rd p@ssword p@ssw0rd
  welkom welkomwelkom welkomthuis wachtwoord mijnwachtwoord geheim geheimgeheim nederland nederlands amsterdam rotterdam
  welcome welcomewelcome letmein letmeinplease changeme changemenow iloveyou iloveyouforever ilovemyself administrator
  administrators adminadmin admin rootroot superadmin superuser superman supersecret secretpassword topsecret qwerty qwertyuiop
  qwertyqwerty qwertyuiopasdfghjkl qwertzuiop azertyuiop asdfghjkl asdfghjklzxcvbnm zxcvbnm zxcvbnmzxcvbnm 1q2w3e4r5t 1q2w3e4r5t6y
  1q2w3e4r 1qaz2wsx 1qaz2wsx3edc q1w2e3r4t5 qazwsxedc qazwsxedcrfv abcdefghij abcdefghijk abcdefghijklm abcdefg abcabcabc
  football footballfootball basketball basketballer baseball baseballer volleyball feyenoord voetbal ajaxamsterdam liverpool
  chelseafc manchesterunited barcelona realmadrid princess princesses sunshine sunshines sunshineday
  chocolate chocolates butterfly butterflies strawberry watermelon spiderman batmanbatman starwars startrek pokemon
  minecraft computer computers internet internets whatever whatevers trustno nothing nothings somethings
  christopher alexander alexandra elizabeth jonathan michaeljackson jessica jennifer stephanie charlotte samantha
  dragon dragons dragondragon monkey monkeymonkey monkeys flowerpower thunderbird blackberry playstation
  correcthorsebatterystaple correct horse battery staple hofjehofje hofje webhosting hosting website mijnwebsite mywebsite
  test testtest testtesttest testpassword temporary temppassword default defaultpassword guestguest guest demodemo demo
  zomer zomerzomer winter winterwinter herfst lente summer summersummer spring autumn januari februari maart april september
  oktober november december january february october monday friday maandag vrijdag zaterdag zondag
  1234567890 0123456789 12345678910 123456789a 0987654321 9876543210 1234512345 1111122222 1122334455 11223344556 1212121212
  1231231231 123123123123 12341234 1234567891 12345678901 123456789012 1234567890123 147258369 147258369a 789456123 7894561230
  0192837465 5555566666 3.14159265 3141592653 31415926535 2718281828
`
    .trim()
    .split(/\s+/),
);
