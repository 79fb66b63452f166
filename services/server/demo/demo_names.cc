#include "services/server/demo/demo_names.h"

namespace clinicd::demo {
namespace {

constexpr std::string_view kFemaleSpain[] = {
    "Ana",   "Aitana",   "Begoña", "Belén",  "Carmen",  "Concepción", "Elena",  "Inés",   "Itziar",
    "Júlia", "Leocadia", "Lucía",  "María",  "Martina", "Montse",     "Noemí",  "Nuria",  "Paloma",
    "Pilar", "Rocío",    "Sofía",  "Teresa", "Úrsula",  "Verónica",   "Ximena", "Yolanda"};
constexpr std::string_view kMaleSpain[] = {
    "Adrián", "Álvaro",     "Andrés",    "Ángel", "Borja",  "César",   "Diego",
    "Eñaut",  "Fermín",     "Gonzalo",   "Hugo",  "Íñigo",  "Iván",    "Joaquín",
    "Jordi",  "José María", "Julián",    "Lluís", "Martín", "Nicolás", "Óscar",
    "Pablo",  "Ramón",      "Sebastián", "Tomás", "Víctor"};
constexpr std::string_view kFamilySpain[] = {
    "Álvarez", "Benítez", "Cañizares", "Castaño",   "Díaz",      "Echeverría", "Fernández",
    "Fuentes", "García",  "Gómez",     "Gutiérrez", "Hernández", "Ibáñez",     "Iglesias",
    "Jiménez", "López",   "Martínez",  "Muñoz",     "Navarro",   "Núñez",      "Ordóñez",
    "Peña",    "Pérez",   "Quiñones",  "Ramírez",   "Rodríguez", "Ruiz",       "Sánchez",
    "Suárez",  "Torres",  "Urrutia",   "Vázquez",   "Yáñez",     "Zúñiga"};
constexpr std::string_view kStreetsSpain[] = {
    "Calle del Olmo",     "Avenida de la Peña", "Plaza del Mercado",   "Calle Ñandú",
    "Paseo de los Tilos", "Ronda de Poniente",  "Calle Mayor Antigua", "Travesía del Pozo"};
constexpr std::string_view kSpecialitiesSpain[] = {"Odontología general", "Ortodoncia",
                                                   "Endodoncia",          "Higiene dental",
                                                   "Periodoncia",         "Odontopediatría"};
constexpr std::string_view kReasonsSpain[] = {
    "Revisión",        "Limpieza dental", "Empaste",    "Endodoncia",       "Control de ortodoncia",
    "Dolor de muelas", "Primera visita",  "Extracción", "Prueba de corona", "Retirada de puntos"};
constexpr std::string_view kCancelSpain[] = {"Ha llamado por enfermedad", "Cambio de planes",
                                             "Viaje de trabajo"};
constexpr std::string_view kAlertsSpain[] = {"Alergia al látex", "Alergia a la penicilina",
                                             "Toma anticoagulantes"};

constexpr std::string_view kFemaleIndia[] = {
    "Aishwarya", "Ananya", "Anjali",  "Bhavna", "Deepika", "Divya",   "Fatima", "Gauri", "Ishita",
    "Jaya",      "Kavya",  "Lakshmi", "Meena",  "Nandini", "Parvati", "Pooja",  "Priya", "Radha",
    "Ritu",      "Saanvi", "Shreya",  "Sunita", "Tanvi",   "Zoya",    "आशा",    "मीरा"};
constexpr std::string_view kMaleIndia[] = {
    "Aarav", "Aditya", "Arjun",   "Bharat", "Chetan", "Dev",    "Farhan", "Ganesh", "Harish",
    "Imran", "Ishaan", "Karthik", "Kiran",  "Manoj",  "Nikhil", "Om",     "Pranav", "Rahul",
    "Rohan", "Sanjay", "Suresh",  "Tejas",  "Vikram", "Yash",   "आनंद",    "राजेश"};
constexpr std::string_view kFamilyIndia[] = {
    "Agarwal",   "Banerjee", "Bhat",        "Chatterjee", "Choudhary", "Das",   "Desai",
    "D'Souza",   "Gandhi",   "Ghosh",       "Gupta",      "Iyer",      "Jain",  "Joshi",
    "Kapoor",    "Khan",     "Kulkarni",    "Kumar",      "Mehta",     "Menon", "Mishra",
    "Mukherjee", "Nair",     "Patel",       "Pillai",     "Rao",       "Reddy", "Shah",
    "Sharma",    "Singh",    "Subramaniam", "Trivedi",    "Varma",     "शर्मा"};
constexpr std::string_view kStreetsIndia[] = {
    "Banyan Road",      "Jasmine Lane", "Temple Street", "3rd Cross, Lake View",
    "Mango Grove Road", "Station Road", "Old Fort Lane", "Peacock Avenue"};
constexpr std::string_view kSpecialitiesIndia[] = {"General dentistry", "Orthodontics",
                                                   "Endodontics",       "Dental hygiene",
                                                   "Prosthodontics",    "Oral surgery"};
constexpr std::string_view kReasonsEnglish[] = {
    "Check-up",  "Scale and polish", "Filling",    "Root canal, first visit", "Brace adjustment",
    "Toothache", "New patient",      "Extraction", "Crown fitting",           "Stitches out"};
constexpr std::string_view kCancelEnglish[] = {"Rang in ill", "Change of plans",
                                               "Travelling for work"};
constexpr std::string_view kAlertsEnglish[] = {"Allergic to latex", "Allergic to penicillin",
                                               "Takes blood thinners"};

constexpr std::string_view kFemaleBritain[] = {
    "Aoife", "Bethan",   "Catrin", "Charlotte", "Chloë",  "Eilidh", "Eleanor", "Ffion", "Florence",
    "Grace", "Harriet",  "Isla",   "Jasmine",   "Keira",  "Leanne", "Maisie",  "Niamh", "Olivia",
    "Poppy", "Rhiannon", "Ruth",   "Siân",      "Sinéad", "Tilly",  "Willow",  "Zoë"};
constexpr std::string_view kMaleBritain[] = {
    "Alfie",  "Angus",  "Benedict", "Callum", "Daniel", "Dylan",  "Edward", "Euan",   "Finlay",
    "George", "Hamish", "Harvey",   "Iolo",   "Jack",   "Kieran", "Liam",   "Murdo",  "Noah",
    "Oisín",  "Oliver", "Rhys",     "Seán",   "Stuart", "Thomas", "Ultan",  "William"};
constexpr std::string_view kFamilyBritain[] = {
    "Ashworth", "Begum",     "Blackwood", "Brontë",     "Campbell",   "Clarke",    "Davies",
    "Evans",    "Fairfax",   "Fraser",    "Griffiths",  "Hargreaves", "Hughes",    "Jenkins",
    "Kaur",     "Llewellyn", "MacLeod",   "McAllister", "Morgan",     "Mortimer",  "O'Neill",
    "Okafor",   "Patterson", "Pemberton", "Quigley",    "Rees",       "Robertson", "Shaw",
    "Sinclair", "Smith",     "Thornton",  "Underhill",  "Whitaker",   "Young"};
constexpr std::string_view kStreetsBritain[] = {
    "Harbour Row",    "Chapel Hill",    "Gannet Close",    "Lower Quay",
    "Mariners' Walk", "Saltmarsh Lane", "Lighthouse Road", "Cooper's Yard"};
constexpr std::string_view kSpecialitiesBritain[] = {"General dentistry", "Orthodontics",
                                                     "Endodontics",       "Dental hygiene",
                                                     "Periodontics",      "Paediatric dentistry"};

constexpr Site kSitesSpain[] = {{"Clínica del Puerto", "Europe/Madrid"},
                                {"Clínica de la Isla", "Atlantic/Canary"}};
constexpr Site kSitesIndia[] = {{"Lake View", "Asia/Kolkata"}, {"Old Fort Lane", "Asia/Kolkata"}};
constexpr Site kSitesBritain[] = {{"Lighthouse Road Surgery", "Europe/London"},
                                  {"Chapel Hill Surgery", "Europe/London"}};
constexpr std::string_view kVisitTypesSpain[] = {"Revisión", "Higiene dental", "Obturación",
                                                 "Endodoncia", "Urgencia"};
constexpr std::string_view kVisitTypesEnglish[] = {"Check-up", "Scale and polish", "Filling",
                                                   "Root canal", "Emergency"};

constexpr Country kCountries[] = {
    {.slug = "clinica-sol",
     .clinic_name = "Clínica Dental del Sol",
     .country_code = "ES",
     .time_zone = "Europe/Madrid",
     .currency_code = "EUR",
     .locale = "es-ES",
     .family_names_each = 2,
     .hours = {9 * 60 + 30, 14 * 60, 16 * 60, 20 * 60},
     .phone = "+34 555 ## ## ##",
     .file_number_prefix = "S",
     .town = "28999 Valdesol",
     .female_names = kFemaleSpain,
     .male_names = kMaleSpain,
     .family_names = kFamilySpain,
     .streets = kStreetsSpain,
     .specialities = kSpecialitiesSpain,
     .visit_reasons = kReasonsSpain,
     .cancel_reasons = kCancelSpain,
     .patient_alerts = kAlertsSpain,
     .sites = kSitesSpain,
     .chair = "Sillón",
     .visit_types = kVisitTypesSpain},
    {.slug = "lotus-dental",
     .clinic_name = "Lotus Dental Care",
     .country_code = "IN",
     .time_zone = "Asia/Kolkata",
     .currency_code = "INR",
     .locale = "en-IN",
     .family_names_each = 1,
     .hours = {10 * 60, 14 * 60, 16 * 60 + 30, 20 * 60 + 30},
     .phone = "+91 10000 #####",
     .file_number_prefix = "L",
     .town = "Kamalpur 999001",
     .female_names = kFemaleIndia,
     .male_names = kMaleIndia,
     .family_names = kFamilyIndia,
     .streets = kStreetsIndia,
     .specialities = kSpecialitiesIndia,
     .visit_reasons = kReasonsEnglish,
     .cancel_reasons = kCancelEnglish,
     .patient_alerts = kAlertsEnglish,
     .sites = kSitesIndia,
     .chair = "Chair",
     .visit_types = kVisitTypesEnglish},
    {.slug = "harbour-dental",
     .clinic_name = "Harbour Dental Practice",
     .country_code = "GB",
     .time_zone = "Europe/London",
     .currency_code = "GBP",
     .locale = "en-GB",
     .family_names_each = 1,
     .hours = {8 * 60 + 30, 12 * 60 + 30, 13 * 60 + 30, 17 * 60 + 30},
     .phone = "+44 7700 900###",
     .file_number_prefix = "H",
     .town = "Gullhaven",
     .female_names = kFemaleBritain,
     .male_names = kMaleBritain,
     .family_names = kFamilyBritain,
     .streets = kStreetsBritain,
     .specialities = kSpecialitiesBritain,
     .visit_reasons = kReasonsEnglish,
     .cancel_reasons = kCancelEnglish,
     .patient_alerts = kAlertsEnglish,
     .sites = kSitesBritain,
     .chair = "Chair",
     .visit_types = kVisitTypesEnglish},
};

}  // namespace

std::span<const Country> Countries() { return kCountries; }

}  // namespace clinicd::demo
